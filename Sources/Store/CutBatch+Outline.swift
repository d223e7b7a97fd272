extension CutBatch {
    /// The batch with the payloads that were cut out of it left empty; other values are put back.
    ///
    /// What a watch without payloads leaves out is not read at all: inputs, outputs, answers, progress and
    /// the items of loops. A log's text, or an error, that was cut out is.
    /// - Parameters:
    ///   - offsets: where each part begins in the whole batch, in order.
    ///   - value: a part by its place, where it is needed after all.
    /// - Returns: nil where the parts do not fit.
    package static func outline(
        _ rest: [UInt8], offsets: [Int], value: (Int) throws -> [UInt8]
    ) rethrows -> [UInt8]? {
        var walk = OutlineWalk(rest: rest, offsets: offsets)
        let end = rest.count
        return try walk.message(depth: 1, kind: 0, until: { $0.index >= end }, value: value)
    }
}

/// Walks what is left of an `EventBatch`, in the rest and in the whole at once.
private struct OutlineWalk {
    /// Which field of which kind of event is a payload, by their numbers in `event.proto`.
    private static let payloads: [UInt64: UInt64] = [
        // execution_created.input_json, execution_completed.output_json
        10: 10, 14: 1,
        // node_completed.output_json, interrupt_closed.data_json
        21: 4, 28: 7,
        // node_progressed.data_json, loop_started.items_json, body_ended.output_json
        101: 4, 102: 3, 104: 5,
    ]

    private let rest: [UInt8]
    private let offsets: [Int]
    /// In the rest.
    private(set) var index = 0
    /// In the whole.
    private var position = 0
    private var part = 0

    init(rest: [UInt8], offsets: [Int]) {
        self.rest = rest
        self.offsets = offsets
    }

    /// A message, encoded anew where something within it is left out.
    /// - Parameters:
    ///   - depth: 1 the batch, 2 an event, 3 the event's own message.
    ///   - kind: at depth 3, which event it is.
    mutating func message(
        depth: Int, kind: UInt64, until isEnd: (Self) -> Bool, value: (Int) throws -> [UInt8]
    ) rethrows -> [UInt8]? {
        var out: [UInt8] = []
        while !isEnd(self) {
            guard let tag = varint() else { return nil }
            Self.append(tag, to: &out)
            switch tag & 7 {
            case 0:
                guard let number = varint() else { return nil }
                Self.append(number, to: &out)
            case 1: guard copy(8, to: &out) else { return nil }
            case 5: guard copy(4, to: &out) else { return nil }
            case 2:
                guard let length = varint(), length <= UInt64(Int32.max) else { return nil }
                let count = Int(length)
                let cut = part < offsets.count ? offsets[part] : Int.max
                if cut == position, depth == 3 {
                    part += 1
                    position += count
                    let isPayload = Self.payloads[kind] == tag >> 3
                    let bytes = isPayload ? [] : try value(part - 1)
                    guard isPayload || bytes.count == count else { return nil }
                    Self.append(UInt64(bytes.count), to: &out)
                    out += bytes
                } else if cut < position + count, depth < 3 {
                    let end = position + count
                    guard
                        let inner = try message(
                            depth: depth + 1, kind: tag >> 3, until: { $0.position >= end },
                            value: value), position == end
                    else { return nil }
                    Self.append(UInt64(inner.count), to: &out)
                    out += inner
                } else {
                    Self.append(length, to: &out)
                    guard copy(count, to: &out) else { return nil }
                }
            default: return nil
            }
        }
        return out
    }

    private mutating func copy(_ count: Int, to out: inout [UInt8]) -> Bool {
        guard count <= rest.count - index else { return false }
        out += rest[index..<index + count]
        index += count
        position += count
        return true
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard index < rest.count else { return nil }
            let byte = rest[index]
            index += 1
            position += 1
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }

    private static func append(_ number: UInt64, to out: inout [UInt8]) {
        var number = number
        while number >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: number) | 0x80)
            number >>= 7
        }
        out.append(UInt8(number))
    }
}
