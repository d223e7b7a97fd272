internal import Messages
internal import Model
internal import ProtobufRuntime

/// Breakpoints: where a node is held, before it starts or after it has completed.
extension ExecutionMachine {
    /// Whether the node has to be held before it starts. It is held once, not before each attempt.
    func stops(before node: NodeRef) -> Bool {
        places(of: node).contains(.pre) && !state(node).passedBreakpoint
    }

    /// Whether what follows the node has to wait once it has completed.
    func stops(after node: NodeRef) -> Bool { places(of: node).contains(.post) }

    private func places(of node: NodeRef) -> Set<BreakpointPlace> {
        guard let breakpoints, breakpoints.enabled else { return [] }
        let mark = definition(node).settings.breakpoint
        if breakpoints.nodes == .all { return Self.sides(breakpoints.at, or: [.pre]) }
        switch mark {
        case nil: return []
        case .whereAsked?: return Self.sides(breakpoints.at, or: [.pre])
        case .pre?: return Self.sides(breakpoints.at, or: [.pre]).intersection([.pre])
        case .post?: return Self.sides(breakpoints.at, or: [.post]).intersection([.post])
        case .both?: return Self.sides(breakpoints.at, or: [.pre, .post])
        }
    }

    private static func sides(_ place: BreakpointPlace, or usual: Set<BreakpointPlace>)
        -> Set<BreakpointPlace>
    {
        switch place {
        case .pre: [.pre]
        case .post: [.post]
        case .both: [.pre, .post]
        case .unspecified, .unrecognized: usual
        }
    }

    mutating func hold(_ node: NodeRef, at place: BreakpointPlace, _ turn: inout ExecutionTurn) {
        let definition = definition(node)
        let interrupt = Interrupt(
            id: path(node).interruptID(state(node).interrupts + 1), type: .breakpoint,
            nodePath: path(node).description, nodeID: definition.id, nodeName: definition.name,
            message: place == .pre ? "before \(definition.name)" : "after \(definition.name)",
            createTime: turn.timestamp, place: place)
        emit(.interruptOpened(InterruptOpened(interrupt: interrupt)), &turn)
    }

    // MARK: Folding

    /// A breakpoint's interrupt was opened at a node.
    mutating func held(_ node: NodeRef, by interrupt: Interrupt) {
        withFrame(node.frame) { $0.held(node.node, by: interrupt) }
    }

    /// A breakpoint's interrupt was closed.
    mutating func released(_ node: NodeRef, from interrupt: Interrupt, _ outcome: InterruptOutcome)
    {
        switch (interrupt.place, outcome) {
        case (.post, .closed):
            // The execution ends; the node has its result.
            update(node) { $0.phase = .completed }
        case (.post, _):
            let state = state(node)
            withFrame(node.frame) {
                $0.ended(
                    node.node, phase: .completed, output: state.output ?? "null",
                    handle: state.heldHandle ?? "")
            }
        case (_, .continued):
            update(node) { $0.passedBreakpoint = true }
            withFrame(node.frame) { $0.makeReady(node.node) }
        default:
            // What follows in the same commit says what becomes of the node.
            update(node) {
                $0.passedBreakpoint = true
                $0.phase = .active
            }
        }
    }
}
