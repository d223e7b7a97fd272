internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// An address that is taken, but not listened on yet: a server makes sure of its addresses before it
/// makes anything else, and accepts connections once it can serve them.
package final class BoundSocket: Sendable {
    /// nil once it was taken.
    private let descriptor: Mutex<CInt?>

    /// Takes the first address of `host`, a name or an IPv4 or IPv6 address, with `port`; 0 takes a
    /// free one.
    /// - Throws: an `IOError` if the address cannot be had, or a resolver error.
    package init(host: String, port: Int) async throws {
        let found = try await NIOThreadPool.singleton.runIfActive {
            try Self.bound(try SocketAddress.makeAddressResolvingHost(host, port: port))
        }
        descriptor = Mutex(found)
    }

    deinit {
        if let descriptor = descriptor.withLock({ $0 }) { close(descriptor) }
    }

    /// Hands the socket over to whoever will listen on it and close it; once.
    package func take() throws -> CInt {
        let found = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        guard let found else { throw IOError(errnoCode: EBADF, reason: "the socket was taken") }
        return found
    }

    private static func bound(_ address: SocketAddress) throws -> CInt {
        let family = CInt(address.protocol.rawValue)
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        var one: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        // Without it a restarted server would wait for the connections of the one before.
        guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size) == 0,
            // Fails where somebody listens on the address.
            unsafe address.withSockAddr({ unsafe bind(descriptor, $0, socklen_t($1)) }) == 0
        else {
            let error = IOError(errnoCode: errno, reason: "bind(\(address))")
            close(descriptor)
            throw error
        }
        return descriptor
    }
}
