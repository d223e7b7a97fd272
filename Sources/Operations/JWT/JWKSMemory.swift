internal import Model

/// Which keys are known, and when to read them again: a value.
///
/// Keys are read at the first use, when they are an hour old, and when a token names one that is not
/// known; but never more often than every half minute, so that made-up key ids cost the issuer
/// nothing. Keys that cannot be read again are good for a day.
struct JWKSMemory: Sendable {
    static let freshMax = Duration.seconds(3_600)
    static let keptMax = Duration.seconds(24 * 3_600)
    static let readIntervalMin = Duration.seconds(30)

    private var keys: JWKSet?
    private var readAt: WallTime?
    private var triedAt: WallTime?
    private(set) var isReading = false

    /// What to do for a token.
    enum OnLook {
        /// Check its signature with this key.
        case use(JWKSet.Key)
        /// Read the keys, say `ended`, and look again.
        case read
        /// Somebody reads them; look again when that has ended.
        case wait
        /// Nobody we believe signed it.
        case refuse
    }

    /// A token wants the key with that id.
    mutating func looked(id: String?, algorithm: String, now: WallTime) -> OnLook {
        let age = readAt.map { $0.duration(to: now) } ?? Self.keptMax
        let known = age < Self.keptMax ? keys?.key(id: id, algorithm: algorithm) : nil
        if let known, age < Self.freshMax || isReading { return .use(known) }
        if isReading { return .wait }
        let isSoon = triedAt.map { $0.duration(to: now) < Self.readIntervalMin } ?? false
        guard !isSoon else { return known.map(OnLook.use) ?? .refuse }
        triedAt = now
        isReading = true
        return .read
    }

    /// Reading ended; nil: it failed, and what was known stays.
    mutating func ended(_ read: JWKSet?, now: WallTime) {
        isReading = false
        guard let read else { return }
        keys = read
        readAt = now
    }
}
