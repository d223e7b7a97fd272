internal import ProtobufRuntime
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "the vectors of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func vectors(_ text: String, _ base64: String) {
        #expect(Base64.encode(Array(text.utf8)) == base64)
        #expect(Base64.decode(base64) == Array(text.utf8))
        #expect(Base64.decode(base64.replacing("=", with: "")) == Array(text.utf8))
    }

    @Test("every byte survives, also in the URL-safe alphabet")
    func everyByte() {
        let bytes = (0...255).map { UInt8($0) }
        let text = Base64.encode(bytes)
        #expect(Base64.decode(text) == bytes)
        #expect(
            Base64.decode(text.replacing("+", with: "-").replacing("/", with: "_")) == bytes)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "A", "=", "====", "Zg=", "Z===", "Zg==Zg==", "Zm9v=", "Z g=", "Zg\n=", "Zé==", "Zm9vA",
        ])
    func refused(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
