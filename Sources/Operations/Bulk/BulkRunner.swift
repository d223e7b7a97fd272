internal import Logging
internal import Messages
internal import Model
internal import Store

/// Wakes who runs bulk operations; what is sent while it looks is not lost.
final class BulkSignal: Sendable {
    let wakes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (wakes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func send() { continuation.yield() }
}

/// What becomes of a bulk operation after a step.
enum BulkPace: Sendable {
    case ended
    /// It goes on, from then on.
    case again(at: WallTime)
}

extension Operations {
    private enum BulkNews: Sendable {
        case started
        case stepped(Int64, BulkPace)
        case due(Int64)
    }

    /// What a step that failed, or a look that did, is tried again after.
    static var bulkRetry: Duration { .seconds(1) }

    /// Runs bulk operations until cancelled: those that had not ended at the last stop, then those that
    /// are started. Called once.
    package func runBulkOperations() async {
        // As many news as there are operations that have not ended, and one more.
        let (news, sender) = AsyncStream.makeStream(of: BulkNews.self)
        var turns = BulkTurns(stepsMax: limits.bulkStepsMax)
        // Numbers grow: what was seen is not looked for again.
        var seen: Int64 = 0
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in bulkSignal.wakes { sender.yield(.started) }
            }
            bulkSignal.send()
            for await item in news {
                switch item {
                case .started:
                    if await !findBulks(&turns, after: &seen) {
                        group.addTask {
                            await environment.sleep(
                                until: environment.now().advanced(by: Self.bulkRetry))
                            sender.yield(.started)
                        }
                    }
                case .stepped(let number, .ended):
                    turns.ended(number)
                case .stepped(let number, .again(let instant)):
                    turns.paused(number)
                    if instant <= environment.now() {
                        turns.due(number)
                    } else {
                        group.addTask {
                            await environment.sleep(until: instant)
                            sender.yield(.due(number))
                        }
                    }
                case .due(let number):
                    turns.due(number)
                }
                for number in turns.next() {
                    group.addTask { sender.yield(.stepped(number, await stepBulk(number))) }
                }
            }
            group.cancelAll()
        }
    }

    /// - Returns: whether all were found; else the store failed.
    private func findBulks(_ turns: inout BulkTurns, after seen: inout Int64) async -> Bool {
        let limit = 1_000
        do throws(StoreError) {
            while true {
                let open = try await store.many.openBulks(after: seen, limit: limit)
                for (number, workspaceID) in open {
                    turns.found(number, workspaceID: workspaceID)
                }
                seen = open.last?.number ?? seen
                guard open.count == limit else { return true }
            }
        } catch {
            logger.warning(
                "bulk operations are looked for again later", metadata: ["error": "\(error)"])
            return false
        }
    }
}
