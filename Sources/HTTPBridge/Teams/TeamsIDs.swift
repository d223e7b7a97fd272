internal import Cryptography
internal import Model

/// The ids of the teams dialect are UUIDs; ours of nodes need not be.
enum TeamsIDs {
    /// The name space for object identifiers (RFC 9562, section 6.6).
    private static let nameSpace: [UInt8] = [
        0x6B, 0xA7, 0xB8, 0x12, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30,
        0xC8,
    ]

    /// `id` where it is a UUID, else the UUIDv5 of it.
    static func node(_ id: String) -> String {
        ExecutionID(id) == nil ? named(id) : id
    }

    /// A node execution's: the UUIDv5 of its execution's id and its path.
    static func nodeExecution(_ executionID: String, _ path: String) -> String {
        named("\(executionID)/\(path)")
    }

    /// The UUIDv5 of a name (RFC 9562, section 5.5).
    static func named(_ name: String) -> String {
        let hash = Digest.sha1.hash(nameSpace + Array(name.utf8))
        var halves: (UInt64, UInt64) = (0, 0)
        for byte in hash[0..<8] { halves.0 = halves.0 << 8 | UInt64(byte) }
        for byte in hash[8..<16] { halves.1 = halves.1 << 8 | UInt64(byte) }
        return ExecutionID(
            high: halves.0 & ~0xF000 | 0x5000,
            low: halves.1 & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        ).description
    }
}
