internal import GRDB
internal import Messages
internal import ProtobufRuntime
internal import Store

extension Schema {
    /// The inbox of what was open before there was one: made anew from the executions' rows by
    /// `fillInterrupts`, in the same transaction.
    static let interruptFill = """
        DELETE FROM interrupt_names;
        DELETE FROM interrupts;
        """

    /// Lists what the rows of suspended and running executions show open, as they stand at this version.
    static func fillInterrupts(_ database: Database) throws {
        let select = try SQLStatement(
            database,
            """
            SELECT number, workspace_id, pod_id, workflow_id, details FROM executions \
            WHERE state < \(StateCode.finalMin) AND details IS NOT NULL
            """)
        let insert = try SQLStatement(
            database,
            """
            INSERT INTO interrupts (number, sequence, workspace_id, pod_id, workflow_id, type, \
            created_at, deadline, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        let insertName = try SQLStatement(
            database,
            """
            INSERT INTO interrupt_names (workspace_id, name, created_at, number, sequence) \
            VALUES (?, ?, ?, ?, ?)
            """)
        while try select.step() {
            let execution = try unsafe select.withBlob(4) { bytes throws(ProtobufDecodingError) in
                try unsafe Execution(protobufBytes: bytes)
            }
            for (index, interrupt) in execution.interrupts.enumerated() {
                // Rows of older versions do not say which event opened it; the next change does.
                let sequence =
                    interrupt.sequence == 0
                    ? Int64(index) - Schema.sequenceLimit : interrupt.sequence
                let createdAt = interrupt.createTime?.microseconds ?? 0
                insert.bind(1, select.integer(0))
                insert.bind(2, sequence)
                insert.bind(3, select.text(1))
                insert.bind(4, select.text(2))
                insert.bind(5, select.text(3))
                insert.bind(6, Int64(interrupt.type.rawValue))
                insert.bind(7, createdAt)
                insert.bind(8, interrupt.deadline?.microseconds)
                insert.bind(9, unsafe interrupt.withProtobufBytes { unsafe [UInt8]($0) })
                try insert.run()
                for name in interrupt.audience.map(\.name) {
                    insertName.bind(1, select.text(1))
                    insertName.bind(2, name)
                    insertName.bind(3, createdAt)
                    insertName.bind(4, select.integer(0))
                    insertName.bind(5, sequence)
                    try insertName.run()
                }
            }
        }
    }
}
