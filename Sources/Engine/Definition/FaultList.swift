package import JSON
package import Messages
internal import Model

/// What can be wrong with a definition. The raw value is the stable code that callers see.
package enum FaultCode: String, Sendable, CaseIterable {
    case badJSON = "BAD_JSON"
    case tooLarge = "TOO_LARGE"
    case badType = "BAD_TYPE"
    case missingField = "MISSING_FIELD"
    case unknownField = "UNKNOWN_FIELD"
    case badValue = "BAD_VALUE"
    case badID = "BAD_ID"
    case duplicateID = "DUPLICATE_ID"
    case unknownKind = "UNKNOWN_KIND"
    case missingStart = "MISSING_START"
    case multipleStart = "MULTIPLE_START"
    case danglingEdge = "DANGLING_EDGE"
    case duplicateEdge = "DUPLICATE_EDGE"
    case badHandle = "BAD_HANDLE"
    case missingEdge = "MISSING_EDGE"
    case cycle = "CYCLE"
    case unreachableNode = "UNREACHABLE_NODE"
    case tooManyNodes = "TOO_MANY_NODES"
    case tooDeep = "TOO_DEEP"
    case badExpression = "BAD_EXPRESSION"
    case badDuration = "BAD_DURATION"
    case badInstant = "BAD_INSTANT"
    case badSchema = "BAD_SCHEMA"
    case badRetry = "BAD_RETRY"
    case badURL = "BAD_URL"
}

/// Every fault found in one definition, in the order found; at most ``max``.
package struct FaultList: Sendable {
    /// The most faults listed; more are counted only.
    package static let max = 1_000
    /// The most bytes of a fault's texts, which may quote the definition.
    private static let textBytesMax = 1_024

    /// What was found.
    package private(set) var faults: [WorkflowFault] = []

    package init() {}

    package var isEmpty: Bool { faults.isEmpty }

    /// Adds all of a compilation's.
    mutating func append(_ others: [WorkflowFault]) {
        faults.append(contentsOf: others.prefix(Self.max - faults.count))
    }

    /// Adds all of another list.
    package mutating func append(_ other: FaultList) {
        faults.append(contentsOf: other.faults.prefix(Self.max - faults.count))
    }

    /// Adds those of a body: what is at its root lies at `pointer`, and its nodes' paths begin with
    /// `prefix`.
    mutating func append(_ body: [WorkflowFault], at pointer: JSONPointer, prefix: String) {
        for fault in body.prefix(Self.max - faults.count) {
            var fault = fault
            fault.pointer = (pointer.description + fault.pointer).clipped(
                toBytes: Self.textBytesMax)
            fault.nodeID = (fault.nodeID.isEmpty ? prefix : "\(prefix).\(fault.nodeID)").clipped(
                toBytes: Self.textBytesMax)
            faults.append(fault)
        }
    }

    /// Adds a fault at `pointer`.
    package mutating func add(
        _ code: FaultCode, _ pointer: JSONPointer, node: String = "", _ message: String
    ) {
        guard faults.count < Self.max else { return }
        faults.append(
            WorkflowFault(
                code: code.rawValue,
                pointer: pointer.description.clipped(toBytes: Self.textBytesMax),
                nodeID: node.clipped(toBytes: Self.textBytesMax),
                message: message.clipped(toBytes: Self.textBytesMax)))
    }
}
