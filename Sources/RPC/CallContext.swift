internal import Synchronization

/// What a handler or interceptor knows of the call it serves. A value; interceptors pass on copies.
package struct CallContext: Sendable {
    package let method: MethodDescriptor
    /// The request's metadata.
    package let metadata: Metadata
    /// When the caller stops waiting; the call's task is cancelled then.
    package let deadline: ContinuousClock.Instant?
    package let connection: ConnectionContext
    /// Where a handler puts metadata of its answer.
    package let response: ResponseMetadata
    /// Who calls; set by the identity interceptor and read by handlers. RPC does not look inside.
    package var identity: (any Sendable)?

    /// The context of one call.
    package init(
        method: MethodDescriptor, metadata: Metadata, deadline: ContinuousClock.Instant?,
        connection: ConnectionContext, response: ResponseMetadata = ResponseMetadata(),
        identity: (any Sendable)? = nil
    ) {
        self.method = method
        self.metadata = metadata
        self.deadline = deadline
        self.connection = connection
        self.response = response
        self.identity = identity
    }
}

/// What handler and transport tell each other about one call beside its messages: metadata of the
/// answer, and compression (gRPC only; ttrpc has neither).
package final class ResponseMetadata: Sendable {
    private struct State {
        var initial: Metadata = [:]
        var trailing: Metadata = [:]
        var compressesMessages = false
        var compressedRequestCount = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Sent with the first message; later additions are lost.
    package var initial: Metadata {
        get { state.withLock { $0.initial } }
        set { state.withLock { $0.initial = newValue } }
    }

    /// Whether the messages written from now on are compressed, where the caller takes that. Only
    /// of use if it was set before the first message. Without it the transport compresses large
    /// messages only, and only for callers that compress theirs: compression costs time and can
    /// leak secrets.
    package var compressesMessages: Bool {
        get { state.withLock { $0.compressesMessages } }
        set { state.withLock { $0.compressesMessages = newValue } }
    }

    /// How many request messages came compressed so far. Counted by the transport.
    package var compressedRequestCount: Int {
        get { state.withLock { $0.compressedRequestCount } }
        set { state.withLock { $0.compressedRequestCount = newValue } }
    }

    /// Sent with the status.
    package var trailing: Metadata {
        get { state.withLock { $0.trailing } }
        set { state.withLock { $0.trailing = newValue } }
    }
}

/// The connection a call came on. One object per connection, shared by its calls.
package final class ConnectionContext: Sendable {
    /// The protocol that was negotiated.
    package enum WireProtocol: String, Sendable {
        case ttrpc
        case grpc
        /// HTTP/1.1, which carries no calls.
        case http
    }

    package let wireProtocol: WireProtocol
    /// For logs, for example `127.0.0.1:51234`.
    package let remoteAddress: String
    /// For the audit log, for example `grpc 127.0.0.1:51234`.
    package let origin: String
    /// The verified client certificate, with mutual TLS.
    package let clientCertificate: ClientCertificate?

    /// A verified certificate's names.
    package struct ClientCertificate: Sendable, Equatable {
        /// The subject's common name; empty if it has none.
        package let commonName: String
        /// The subject in RFC 2253 form.
        package let subject: String

        package init(commonName: String, subject: String) {
            self.commonName = commonName
            self.subject = subject
        }
    }

    /// The identity that `ServerService.Authenticate` or the certificate gave to the connection;
    /// metadata on a call overrides it. RPC does not look inside.
    private let storedIdentity = Mutex<(any Sendable)?>(nil)
    package var identity: (any Sendable)? {
        get { storedIdentity.withLock { $0 } }
        set { storedIdentity.withLock { $0 = newValue } }
    }

    package init(
        wireProtocol: WireProtocol, remoteAddress: String, clientCertificate: ClientCertificate?
    ) {
        self.wireProtocol = wireProtocol
        self.remoteAddress = remoteAddress
        origin = "\(wireProtocol.rawValue) \(remoteAddress)"
        self.clientCertificate = clientCertificate
    }
}
