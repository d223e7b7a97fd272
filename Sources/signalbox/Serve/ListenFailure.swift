internal import Foundation
internal import NIOCore

/// An address that a server was told to listen on, and cannot.
struct ListenFailure: Error, CustomStringConvertible {
    let address: HostAndPort
    /// The setting that named it, or would have: `--listen`.
    let flag: String
    /// Of `bind`; nil where it failed before.
    let code: CInt?
    /// What the system says of it.
    let reason: String

    init(_ address: HostAndPort, flag: String, code: CInt?, reason: String) {
        self.address = address
        self.flag = flag
        self.code = code
        self.reason = reason
    }

    /// - Parameter error: what taking the address threw.
    init(_ address: HostAndPort, flag: String, _ error: any Error) {
        let code = (error as? IOError)?.errnoCode
        self.init(
            address, flag: flag, code: code,
            reason: code.map { unsafe String(cString: strerror($0)) } ?? "\(error)")
    }

    var description: String {
        switch code {
        case EADDRINUSE:
            """
            \(address) is in use: another server or program listens there
              choose another address with \(flag) HOST:PORT, or end what listens there
            """
        case EADDRNOTAVAIL:
            """
            \(address) is no address of this machine
              choose one that is, with \(flag) HOST:PORT, for example 127.0.0.1:\(address.port)
            """
        case EACCES:
            """
            \(address) may not be listened on by this user: \(reason)
              choose a port above 1023 with \(flag) HOST:PORT
            """
        default:
            """
            cannot listen on \(address): \(reason)
              choose another address with \(flag) HOST:PORT
            """
        }
    }
}
