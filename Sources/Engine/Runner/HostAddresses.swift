internal import Foundation
internal import NIOPosix

/// The system's resolver, off the event loops and the tasks' own threads.
enum HostAddresses {
    /// Of one name; more are not tried.
    private static let countMax = 8

    /// The IP addresses of a name, or of an address itself, in the system's order of preference.
    /// - Throws: `NotFound` where there is none.
    static func of(_ host: String) async throws -> [String] {
        try await NIOThreadPool.singleton.runIfActive { try resolve(host) }
    }

    struct NotFound: Error {}

    private static func resolve(_ host: String) throws -> [String] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { throw NotFound() }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [String] = []
        var next = unsafe list
        while let entry = unsafe next, addresses.count < countMax {
            if let text = unsafe text(entry.pointee), !addresses.contains(text) {
                addresses.append(text)
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }

    private static func text(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            unsafe getnameinfo(
                entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0,
                NI_NUMERICHOST) == 0
        else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
