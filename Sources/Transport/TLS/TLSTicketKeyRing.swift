/// Which key seals session tickets and which still open them, as a value: no clock, no randomness.
///
/// The newest key seals for one period and opens for one more, so that whoever steals the keys can read
/// the sessions of two periods and no others.
struct TLSTicketKeyRing: Sendable {
    /// One key: a name that tickets carry in the clear, and what they are sealed with.
    struct Key: Sendable, Equatable {
        static let nameCount = 16
        /// The name, 32 bytes for HMAC-SHA-256, 32 bytes for AES-256.
        static let byteCount = nameCount + 64

        let bytes: [UInt8]
        let madeAt: ContinuousClock.Instant

        var name: ArraySlice<UInt8> { bytes.prefix(Self.nameCount) }
        var macKey: ArraySlice<UInt8> { bytes.dropFirst(Self.nameCount).prefix(32) }
        var cipherKey: ArraySlice<UInt8> { bytes.suffix(32) }
    }

    /// Longer than OpenSSL lets a session live (2 h), so that rotating cuts none short.
    static let period = Duration.seconds(4 * 3_600)

    /// Newest first.
    private var keys: [Key] = []

    /// The key for a new ticket.
    /// - Parameter random: the bytes of a new key, asked for once a period; nil if there are none.
    mutating func sealing(
        at now: ContinuousClock.Instant, random: () -> [UInt8]?
    ) -> Key? {
        if let newest = keys.first, now - newest.madeAt < Self.period { return newest }
        guard let bytes = random() else { return nil }
        let key = Key(bytes: bytes, madeAt: now)
        keys = [key] + keys.filter { now - $0.madeAt < Self.period * 2 }.prefix(1)
        return key
    }

    /// The key that a ticket was sealed with, and whether tickets are still sealed with it.
    func opening(_ name: [UInt8], at now: ContinuousClock.Instant) -> (key: Key, isNewest: Bool)? {
        guard let index = keys.firstIndex(where: { $0.name.elementsEqual(name) }) else { return nil }
        let age = now - keys[index].madeAt
        guard age < Self.period * 2 else { return nil }
        return (keys[index], index == 0 && age < Self.period)
    }
}
