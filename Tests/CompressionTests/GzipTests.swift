import Testing

@testable import Compression

@Suite("Gzip and zlib")
struct GzipTests {
    static let texts: [[UInt8]] = [
        [], [0], Array("hello".utf8), Array(repeating: 7, count: 1_000_000),
        (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) },
    ]

    @Test(
        "what is compressed comes back, at every level",
        arguments: ZlibFormat.allCases, [-1, 0, 1, 9])
    func roundTrip(format: ZlibFormat, level: Int) throws {
        for text in Self.texts {
            let packed = try Zlib.compress(text, as: format, level: level)
            #expect(try Zlib.decompress(packed, as: format, limit: text.count) == text)
        }
    }

    @Test("gzip of another program is read")
    func foreignGzip() throws {
        // printf hello | gzip -n
        let packed: [UInt8] = [
            0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 7, 0, 0x86, 0xA6,
            0x10,
            0x36, 5, 0, 0, 0,
        ]
        #expect(try Gzip.decompress(packed, limit: 5) == Array("hello".utf8))
    }

    @Test("members one after the other give their contents one after the other")
    func members() throws {
        let packed =
            try Gzip.compress(Array("ab".utf8)) + Gzip.compress([]) + Gzip.compress(Array("c".utf8))
        #expect(try Gzip.decompress(packed, limit: 3) == Array("abc".utf8))
    }

    @Test("pieces of one byte give what the whole gives")
    func pieces() throws {
        let text = Self.texts[4]
        let packed = try Gzip.compress(text) + Gzip.compress(text)
        var inflater = try Inflater(.gzip, limit: .max)
        var output: [UInt8] = []
        for byte in packed {
            let error = unsafe withUnsafeBytes(of: byte) { piece -> CompressionError? in
                do throws(CompressionError) {
                    try unsafe inflater.append(piece, to: &output)
                    return nil
                } catch { return error }
            }
            #expect(error == nil)
        }
        try inflater.finish()
        #expect(output == text + text)
    }
}

@Suite("Gzip and zlib, hostile input")
struct GzipHostileInputTests {
    @Test("a bomb is stopped at the limit", arguments: ZlibFormat.allCases)
    func bomb(format: ZlibFormat) throws {
        let packed = try Zlib.compress(Array(repeating: 0, count: 20_000_000), as: format, level: 9)
        for limit in [0, 1, 100, 16_384, 19_999_999] {
            let error = #expect(throws: CompressionError.self) {
                try Zlib.decompress(packed, as: format, limit: limit)
            }
            #expect(error?.code == .tooLarge)
        }
        var inflater = try Inflater(format, limit: 1_000)
        var output: [UInt8] = []
        unsafe packed.withUnsafeBytes { bytes in
            do throws(CompressionError) { try unsafe inflater.append(bytes, to: &output) } catch {
                #expect(error.message == "decompressed bytes exceed the limit of 1000")
            }
        }
        #expect(output.count == 1_000)
    }

    @Test("many members do not add up past the limit")
    func manyMembers() throws {
        let member = try Gzip.compress(Array(repeating: 1, count: 100))
        let packed = Array(repeatElement(member, count: 11).joined())
        #expect(try Gzip.decompress(packed, limit: 1_100).count == 1_100)
        let error = #expect(throws: CompressionError.self) {
            try Gzip.decompress(packed, limit: 1_099)
        }
        #expect(error?.code == .tooLarge)
    }

    @Test("every cut is refused", arguments: ZlibFormat.allCases)
    func truncated(format: ZlibFormat) throws {
        let packed = try Zlib.compress(Array("hello hello hello".utf8), as: format)
        for length in 0..<packed.count {
            let error = #expect(throws: CompressionError.self) {
                try Zlib.decompress(Array(packed[..<length]), as: format, limit: 100)
            }
            #expect(error?.code == .truncated)
        }
    }

    @Test("bytes after the stream are refused")
    func trailing() throws {
        for format in ZlibFormat.allCases {
            let packed = try Zlib.compress(Array("hello".utf8), as: format)
            for junk: [UInt8] in [[0], Array("junk".utf8)] {
                let error = #expect(throws: CompressionError.self) {
                    try Zlib.decompress(packed + junk, as: format, limit: 100)
                }
                #expect(error?.code == .trailingBytes)
            }
        }
        let packed = try Gzip.compress(Array("hello".utf8))
        let half = #expect(throws: CompressionError.self) {
            try Gzip.decompress(packed + packed.prefix(5), limit: 100)
        }
        #expect(half?.code == .truncated)
        let bad = #expect(throws: CompressionError.self) {
            try Gzip.decompress(packed + [0x1F, 0, 0, 0], limit: 100)
        }
        #expect(bad?.code == .corrupt)
    }

    @Test("a changed byte never crashes, and a wrong checksum is found")
    func corrupt() throws {
        let text = Array("hello hello hello, this is some text".utf8)
        for format in ZlibFormat.allCases {
            let packed = try Zlib.compress(text, as: format)
            for position in packed.indices {
                var changed = packed
                changed[position] ^= 0x55
                let output = try? Zlib.decompress(changed, as: format, limit: 1_000)
                // The time, flags and system of a gzip header are not covered by its checksum.
                #expect(output == nil || (output == text && position < 10))
            }
        }
        let error = #expect(throws: CompressionError.self) {
            try Gzip.decompress(Array("not gzip at all".utf8), limit: 10)
        }
        #expect(error?.code == .corrupt)
    }
}
