/// A bounded queue that serves workspaces in turn, each in the order it came.
struct FairQueue<Element> {
    /// Names one element from when it is added until it is taken.
    typealias Ticket = Int

    private let countMax: Int
    private let countPerWorkspaceMax: Int
    private var waiting: [String: [(ticket: Ticket, element: Element)]] = [:]
    /// The workspaces that have elements waiting; the first is next.
    private var turns: [String] = []
    private(set) var count = 0
    private var nextTicket = 0

    init(countMax: Int, countPerWorkspaceMax: Int) {
        self.countMax = countMax
        self.countPerWorkspaceMax = countPerWorkspaceMax
    }

    /// Adds `element` behind those of its workspace; nil if the queue, or the workspace's part, is full.
    mutating func append(_ element: Element, workspace: String) -> Ticket? {
        let own = waiting[workspace]?.count ?? 0
        guard count < countMax, own < countPerWorkspaceMax else { return nil }
        nextTicket += 1
        waiting[workspace, default: []].append((nextTicket, element))
        if own == 0 { turns.append(workspace) }
        count += 1
        return nextTicket
    }

    /// Takes the next element of the workspace whose turn it is, which then goes to the back.
    mutating func popFirst() -> Element? {
        guard let workspace = turns.first else { return nil }
        turns.removeFirst()
        guard var own = waiting.removeValue(forKey: workspace) else { return nil }
        let (_, element) = own.removeFirst()
        if !own.isEmpty {
            waiting[workspace] = own
            turns.append(workspace)
        }
        count -= 1
        return element
    }

    /// Takes the element of `ticket` out of turn; nil if it was taken before.
    mutating func remove(_ ticket: Ticket, workspace: String) -> Element? {
        guard var own = waiting[workspace],
            let position = own.firstIndex(where: { $0.ticket == ticket })
        else { return nil }
        let (_, element) = own.remove(at: position)
        waiting[workspace] = own.isEmpty ? nil : own
        if own.isEmpty { turns.removeAll { $0 == workspace } }
        count -= 1
        return element
    }
}
