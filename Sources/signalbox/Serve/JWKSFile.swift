internal import Foundation
internal import Operations

/// An issuer's keys in a file.
struct JWKSFile: JWKSSource {
    let path: String

    func read(bytesMax: Int) async throws -> [UInt8] {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let data = try file.read(upToCount: bytesMax + 1) ?? Data()
        guard data.count <= bytesMax else {
            throw StartFailure("\(path) is larger than the limit of \(bytesMax) bytes")
        }
        return Array(data)
    }
}
