internal import Messages
internal import Model
internal import Store

extension ConformanceCheck {
    private static let one = ExecutionNumber(rawValue: 1)

    static let journalChecks: [ConformanceCheck] = [
        ConformanceCheck("journal rows are read back in order, as they were written") { store in
            let rows = [
                Samples.journal(1, from: 1, count: 2), Samples.journal(1, from: 3, bytes: 0),
                Samples.journal(1, from: 4, count: 10, bytes: 5_000),
                Samples.journal(1, from: 14, ends: true),
            ]
            try store.put(.insertExecution(Samples.execution(1)))
            for row in rows { try store.put(.appendJournal(row)) }
            try expectEqual(try await store.journal(one, after: 0, byteLimit: 1 << 20), rows)
        },
        ConformanceCheck("reading after a sequence number begins with the row that holds the next")
        {
            store in
            let rows = [
                Samples.journal(1, from: 1, count: 3), Samples.journal(1, from: 4, count: 3),
                Samples.journal(1, from: 7),
            ]
            try store.put(.insertExecution(Samples.execution(1)))
            // A neighbour on either side.
            try store.put(.insertExecution(Samples.execution(2)))
            try store.put(.appendJournal(Samples.journal(2, from: 1)))
            for row in rows { try store.put(.appendJournal(row)) }
            for (sequence, first) in [0: 0, 1: 0, 2: 0, 3: 1, 4: 1, 5: 1, 6: 2, 7: 3, 8: 3, 99: 3] {
                let read = try await store.journal(one, after: Int64(sequence), byteLimit: 1 << 20)
                try expect(read == Array(rows[first...]), "after \(sequence): \(read)")
            }
            try expectEqual(try await store.journal(one, after: .max, byteLimit: 1 << 20), [])
            try expectEqual(try await store.journal(one, after: -5, byteLimit: 1 << 20), rows)
        },
        ConformanceCheck("a page of a journal ends beyond its bytes and holds at least one row") {
            store in
            try store.put(.insertExecution(Samples.execution(1)))
            for sequence in 1...10 {
                try store.put(
                    .appendJournal(Samples.journal(1, from: Int64(sequence), bytes: 100)))
            }
            for (limit, count) in [(0, 1), (99, 1), (100, 2), (250, 3), (10_000, 10)] {
                let read = try await store.journal(one, after: 0, byteLimit: limit)
                try expect(read.count == count, "limit \(limit): \(read.count) rows")
            }
            var sequences: [Int64] = []
            while let row = try await store.journal(
                one, after: sequences.last ?? 0, byteLimit: 250
            ).last {
                sequences.append(row.lastSequence)
            }
            try expectEqual(sequences, [3, 6, 9, 10])
        },
        ConformanceCheck("a journal takes neither gaps nor repeats") { store in
            try store.put(.insertExecution(Samples.execution(1)))
            try store.expectConflict(.appendJournal(Samples.journal(1, from: 2)))
            try store.put(.appendJournal(Samples.journal(1, from: 1, count: 3)))
            for sequence in [0, 1, 3, 5] as [Int64] {
                try store.expectConflict(.appendJournal(Samples.journal(1, from: sequence)))
            }
            try store.expectConflict(.appendJournal(Samples.journal(1, from: 4, count: 0)))
            try store.put(.appendJournal(Samples.journal(1, from: 4)))
        },
        ConformanceCheck("nothing follows the row that ends the execution") { store in
            try store.put(.insertExecution(Samples.execution(1)))
            try store.put(.appendJournal(Samples.journal(1, from: 1, ends: true)))
            try store.expectConflict(.appendJournal(Samples.journal(1, from: 2)))
        },
        ConformanceCheck("a journal needs its execution") { store in
            try store.expectRefusal(
                .notFound, of: .appendJournal(Samples.journal(1, from: 1)))
            try expectEqual(try await store.journal(one, after: 0, byteLimit: 10), [])
        },
        ConformanceCheck("a batch of a mebibyte is kept") { store in
            let row = Samples.journal(1, from: 1, bytes: 1 << 20)
            try store.put(.insertExecution(Samples.execution(1)), .appendJournal(row))
            try expectEqual(try await store.journal(one, after: 0, byteLimit: 1), [row])
        },
    ]
}
