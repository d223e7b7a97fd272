/// Names whose values are secret, however they are written.
package enum SensitiveKeys {
    /// Longer names are none of these.
    static let bytesMax = 128

    /// `X-API-Key`, `x_api_key` and `xApiKey` are one name: `xapikey`.
    package static func normalised(_ name: String) -> String {
        String(decoding: normalised(bytes: name.utf8), as: UTF8.self)
    }

    static func normalised(bytes: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: " "):
                continue
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): result.append(byte | 0x20)
            default: result.append(byte)
            }
        }
        return result
    }

    /// Whether a normalised name is one of those that come with the program.
    static func isBuiltIn(_ name: String) -> Bool {
        if whole.contains(name) { return true }
        return endings.contains { name.hasSuffix($0) } && !harmless.contains(name)
    }

    private static let whole: Set<String> = [
        "auth", "authorization", "proxyauthorization", "cookie", "setcookie", "session",
        "sessionid", "sid", "pwd", "passcode", "passphrase", "pin", "otp", "cvv", "cvv2", "cvc",
        "cvc2", "securitycode", "ssn", "socialsecurity", "socialsecuritynumber", "creditcard",
        "creditcardnumber", "cardnumber", "ccnumber", "iban", "accountnumber", "jwt", "bearer",
    ]

    private static let endings = [
        "password", "passwd", "passwordhash", "secret", "secretkey", "apikey", "accesskey",
        "accesskeyid", "privatekey", "signingkey", "encryptionkey", "token", "credential",
        "credentials", "connectionstring",
    ]

    /// Ends alike and tells nothing.
    private static let harmless: Set<String> = [
        "pagetoken", "nextpagetoken", "prevpagetoken", "previouspagetoken", "continuationtoken",
    ]
}
