/// A bounded queue that serves workspaces in turn, each in the order it came.
package struct FairQueue<Element: Sendable>: Sendable {
    /// Names one element from when it is added until it is taken.
    package typealias Ticket = Int

    private let countMax: Int
    private let countPerWorkspaceMax: Int
    private var waiting: [String: [(ticket: Ticket, element: Element)]] = [:]
    /// The workspaces that have elements waiting.
    private var turns = Turns<String>()
    package private(set) var count = 0
    private var nextTicket = 0

    package init(countMax: Int, countPerWorkspaceMax: Int) {
        self.countMax = countMax
        self.countPerWorkspaceMax = countPerWorkspaceMax
    }

    /// Adds `element` behind those of its workspace; nil if the queue, or the workspace's part, is full.
    package mutating func append(_ element: Element, workspace: String) -> Ticket? {
        guard count < countMax, waiting[workspace]?.count ?? 0 < countPerWorkspaceMax else {
            return nil
        }
        nextTicket += 1
        waiting[workspace, default: []].append((nextTicket, element))
        turns.join(workspace)
        count += 1
        return nextTicket
    }

    /// Takes the next element of the workspace whose turn it is, which then goes to the back.
    package mutating func popFirst() -> Element? {
        guard let workspace = turns.popFirst(),
            var own = waiting.removeValue(forKey: workspace)
        else { return nil }
        let (_, element) = own.removeFirst()
        if !own.isEmpty {
            waiting[workspace] = own
            turns.join(workspace)
        }
        count -= 1
        return element
    }

    /// Takes the element of `ticket` out of turn; nil if it was taken before.
    package mutating func remove(_ ticket: Ticket, workspace: String) -> Element? {
        guard var own = waiting[workspace],
            let position = own.firstIndex(where: { $0.ticket == ticket })
        else { return nil }
        let (_, element) = own.remove(at: position)
        waiting[workspace] = own.isEmpty ? nil : own
        if own.isEmpty { turns.leave(workspace) }
        count -= 1
        return element
    }
}
