/// The large values of a journal row that are kept by themselves.
struct JournalParts {
    struct Part: Equatable {
        /// Where it begins in the whole batch.
        let offset: Int64
        let payloadID: Int64
    }

    var parts: [Part] = []

    init() {}

    init(bytes: [UInt8]) {
        let numbers = stride(from: 0, to: bytes.count - bytes.count % 16, by: 8).map { start in
            bytes[start..<start + 8].reduce(0) { $0 << 8 | Int64($1) }
        }
        parts = stride(from: 0, to: numbers.count, by: 2).map {
            Part(offset: numbers[$0], payloadID: numbers[$0 + 1])
        }
    }

    var bytes: [UInt8] {
        parts.flatMap { part in
            [part.offset, part.payloadID].flatMap { number in
                (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
            }
        }
    }
}
