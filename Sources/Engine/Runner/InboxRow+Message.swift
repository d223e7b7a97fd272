package import Messages
package import Model
package import Store

extension InboxRow {
    /// A message for the execution `recipient`. Whoever commits it need do nothing else: the engine is
    /// told after the commit, folds it and deletes it.
    package init(_ message: InboxMessage, to recipient: ExecutionNumber) {
        self.init(
            recipient: recipient, body: unsafe message.withProtobufBytes { unsafe [UInt8]($0) })
    }

    /// What it says; nil where it cannot be read.
    var message: InboxMessage? {
        try? unsafe body.withUnsafeBytes { bytes in try unsafe InboxMessage(protobufBytes: bytes) }
    }
}
