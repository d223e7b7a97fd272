internal import Cryptography
internal import Messages
internal import Model
internal import ProtobufRuntime

/// Admits its holder to the events of one execution for a while, without anything being stored:
/// the server signs what it says and believes it when it comes back.
///
/// ```
/// tkt_ base64url( HMAC-SHA-256 (32 bytes) │ version │ expires at, µs (8) │ execution (16) │ principal )
/// ```
/// The principal is an encoded `Principal`. One that came with a token names it, and is looked up
/// again by that: a ticket ends with its token.
struct StreamTicket: Sendable, Equatable {
    static let prefix = "tkt_"
    private static let version: UInt8 = 1
    /// The length of a key that signs.
    static let keyBytes = 32
    private static let macBytes = HMACSHA256.count
    private static let headBytes = 1 + 8 + 16

    let executionID: ExecutionID
    let expiresAt: WallTime
    let principal: Principal

    init(executionID: ExecutionID, expiresAt: WallTime, principal: Principal) {
        self.executionID = executionID
        self.expiresAt = expiresAt
        self.principal = principal
    }

    /// nil for a text that was not signed with `key`.
    init?(_ text: String, key: [UInt8]) {
        guard text.hasPrefix(Self.prefix),
            let bytes = Base64URL.decode(text.dropFirst(Self.prefix.count)),
            bytes.count >= Self.macBytes + Self.headBytes
        else { return nil }
        let body = Array(bytes[Self.macBytes...])
        let mac = Array(bytes[..<Self.macBytes])
        guard HMACSHA256.isCode(mac, of: body, key: key),
            body[0] == Self.version
        else { return nil }
        expiresAt = WallTime(microseconds: Int64(bitPattern: Self.number(body[1..<9])))
        executionID = ExecutionID(
            high: Self.number(body[9..<17]), low: Self.number(body[17..<25]))
        let rest = Array(body[Self.headBytes...])
        guard
            let principal = unsafe rest.withUnsafeBytes({ bytes in
                unsafe try? Principal(protobufBytes: bytes)
            })
        else { return nil }
        self.principal = principal
    }

    /// The text to hand out.
    func text(key: [UInt8]) -> String {
        var body = [Self.version]
        for number in [
            UInt64(bitPattern: expiresAt.microseconds), executionID.high, executionID.low,
        ] {
            body += (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
        }
        body += unsafe principal.withProtobufBytes { unsafe Array($0) }
        let mac = HMACSHA256.code(of: body, key: key)
        return Self.prefix + Base64URL.encode(mac + body)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
