import Model
import StoreConformance
import Testing

@testable import Store

@Suite("Journal feed")
struct JournalFeedTests {
    private let one = ExecutionNumber(rawValue: 1)

    private func sequences(_ watch: JournalWatch) async throws -> [Int64] {
        var sequences: [Int64] = []
        for try await row in watch { sequences += (row.firstSequence...row.lastSequence) }
        return sequences
    }

    @Test("a finished journal is read from the store, and the watch ends")
    func finished() async throws {
        let setting = try CommittingStore()
        setting.committer.run()
        try await setting.insert(1)
        for sequence in 1...200 {
            try await setting.append(Samples.journal(1, from: Int64(sequence), bytes: 500))
        }
        try await setting.end(1, at: 201)
        #expect(try await sequences(setting.feed.watch(one, after: 0)) == Array(1...201))
        #expect(try await sequences(setting.feed.watch(one, after: 199)) == [200, 201])
        #expect(try await sequences(setting.feed.watch(one, after: 201)) == [])
        #expect(setting.feed.counts.watched == 0)
        await setting.committer.stop()
    }

    @Test("a watcher that keeps up gets each row once, live")
    func live() async throws {
        let setting = try CommittingStore()
        setting.committer.run()
        try await setting.insert(1)
        var iterator = setting.feed.watch(one, after: 0).makeAsyncIterator()
        for sequence in 1...50 as ClosedRange<Int64> {
            async let append: Void = setting.append(Samples.journal(1, from: sequence))
            #expect(try await iterator.next()?.firstSequence == sequence)
            try await append
        }
        async let end: Void = setting.end(1, at: 51)
        #expect(try await iterator.next()?.endsExecution == true)
        try await end
        #expect(try await iterator.next() == nil)
        #expect(setting.feed.counts.watched == 0)
        await setting.committer.stop()
    }

    @Test("a slow watcher falls off the tail, loses nothing and repeats nothing")
    func slow() async throws {
        var limits = Limits()
        limits.watchTailBytesMax = 400
        let setting = try CommittingStore(limits: limits)
        setting.committer.run()
        try await setting.insert(1)
        try await setting.append(Samples.journal(1, from: 1))
        var iterator = setting.feed.watch(one, after: 0).makeAsyncIterator()
        var read = [try await iterator.next()?.firstSequence]
        for sequence in 2...60 as ClosedRange<Int64> {
            try await setting.append(Samples.journal(1, from: sequence, bytes: 200))
            // Reads one row for every third.
            if sequence % 3 == 0 { read.append(try await iterator.next()?.firstSequence) }
        }
        try await setting.end(1, at: 61)
        while let row = try await iterator.next() { read.append(row.firstSequence) }
        #expect(read == Array(1...61))
        await setting.committer.stop()
    }

    @Test("many watchers that start at any moment each get everything once", arguments: [1, 2, 3])
    func many(seed: Int) async throws {
        var limits = Limits()
        limits.watchTailBytesMax = 300 * seed
        let setting = try CommittingStore(limits: limits)
        setting.committer.run()
        try await setting.insert(1)
        try await withThrowingTaskGroup { group in
            for watcher in 0..<200 {
                group.addTask {
                    let after = Int64(watcher % 3) * 10
                    let read = try await sequences(setting.feed.watch(one, after: after))
                    // A watch begins with the row that holds the next event.
                    #expect(read.filter { $0 > after } == Array((after + 1)...121))
                }
            }
            group.addTask {
                for sequence in stride(from: 1, through: 119, by: 2) {
                    try await setting.append(Samples.journal(1, from: Int64(sequence), count: 2))
                }
                try await setting.end(1, at: 121)
            }
            try await group.waitForAll()
        }
        #expect(setting.feed.counts.watchers == 0)
        await setting.committer.stop()
    }

    @Test("a cancelled watcher ends and leaves nothing behind")
    func cancelled() async throws {
        let setting = try CommittingStore()
        setting.committer.run()
        try await setting.insert(1)
        let feed = setting.feed
        let one = one
        let (started, starts) = AsyncStream.makeStream(of: Void.self)
        let watcher = Task {
            var count = 0
            for try await _ in feed.watch(one, after: 0) {
                count += 1
                starts.yield()
            }
            return count
        }
        try await setting.append(Samples.journal(1, from: 1))
        for await _ in started { break }
        watcher.cancel()
        #expect(try await watcher.value == 1)
        #expect(feed.counts.watched == 0)
        // Nobody is told any more, and nobody has to be.
        try await setting.append(Samples.journal(1, from: 2))
        await setting.committer.stop()
    }

    @Test("watchers beyond the limit are refused, and a place that was left is free again")
    func limit() async throws {
        var limits = Limits()
        limits.watchersPerExecutionMax = 1
        let setting = try CommittingStore(limits: limits)
        setting.committer.run()
        try await setting.insert(1)
        try await setting.append(Samples.journal(1, from: 1))
        do {
            var first = setting.feed.watch(one, after: 0).makeAsyncIterator()
            _ = try await first.next()
            var second = setting.feed.watch(one, after: 0).makeAsyncIterator()
            await #expect(throws: StoreError.self) { _ = try await second.next() }
            withExtendedLifetime(first) {}
        }
        var third = setting.feed.watch(one, after: 0).makeAsyncIterator()
        #expect(try await third.next()?.firstSequence == 1)
        await setting.committer.stop()
    }

    @Test("watching an execution that was erased ends")
    func erased() async throws {
        let setting = try CommittingStore()
        #expect(try await sequences(setting.feed.watch(one, after: 0)) == [])
    }
}
