internal import RPC
internal import SignalboxClient

/// What the command line says, and ends with, when a call fails.
enum CommandFailure {
    /// What happened, where, and what to do.
    static func text(of error: RPCError, server: String) -> String {
        var text = SafeText.line(error.message)
        if error.code == .unavailable, text.contains("Connection refused") {
            text = "nothing listens at \(server)"
        }
        for violation in error.violations where !error.message.contains(violation.description) {
            text += "\n  \(SafeText.line(violation.field)): \(SafeText.line(violation.description))"
        }
        if WayOut.isUnknownKind(text) { text += "\n  " + WayOut.ofUnknownKind }
        switch error.code {
        case .unavailable:
            text +=
                "\n  is the server up at \(server), and is --ca the authority of its certificate?"
        case .unauthenticated:
            text += "\n  give a token with --token, SIGNALBOX_TOKEN or admin.token in this folder"
        case .resourceExhausted:
            if let delay = error.retryDelay {
                text += "\n  try again in \(delay.components.seconds) s"
            }
        default: break
        }
        if let reason = error.reason { text += " [\(SafeText.line(reason))]" }
        return text
    }

    /// Something that is no answer of a server went wrong.
    static let internalStatus: Int32 = 70

    /// As sysexits.h has them, and 4 for what the state of things does not allow.
    static func status(of error: RPCError) -> Int32 {
        switch error.code {
        case .invalidArgument: 65
        case .notFound: 66
        case .unavailable, .deadlineExceeded: 69
        case .internal, .unknown, .dataLoss, .unimplemented, .ok: internalStatus
        case .resourceExhausted: 75
        case .unauthenticated, .permissionDenied: 77
        case .failedPrecondition, .alreadyExists, .aborted, .outOfRange, .cancelled: 4
        }
    }
}
