internal import NIOCore
internal import RPC

/// What a client's caller waits for: the answer of a unary call or the messages of a stream.
///
/// Sendable because its properties are touched on the connection's event loop only.
final class TTRPCClientCall: @unchecked Sendable {
    let kind: CallKind
    /// Set when the call has a stream.
    var streamID: UInt32?
    /// Ends the call at its deadline.
    var deadlineTimer: Scheduled<Void>?
    private var inbox = CircularBuffer<ByteBuffer>(initialCapacity: 0)
    private(set) var inboxByteCount = 0
    private var waiter: CallWaiter<ByteBuffer?>?
    /// How the call ended; nil while it goes on.
    private var end: Result<Void, RPCError>?

    init(kind: CallKind) {
        self.kind = kind
    }

    /// Whether its queue is above the bound.
    var isSlow = false

    var isOver: Bool { end != nil }
    /// Whether somebody waits for its next message.
    var isAwaited: Bool {
        guard let waiter else { return false }
        return !waiter.isDone
    }

    /// A message came.
    func received(_ message: ByteBuffer) {
        guard end == nil else { return }
        if let waiter, !waiter.isDone {
            self.waiter = nil
            waiter.resume(with: .success(message))
        } else {
            inbox.append(message)
            inboxByteCount += message.readableBytes + Self.messageOverhead
        }
    }

    /// The call ended. Messages that came before are still to be had, unless it failed here.
    func ended(_ result: Result<Void, RPCError>, keepingMessages: Bool = true) {
        guard end == nil else { return }
        end = result
        deadlineTimer?.cancel()
        deadlineTimer = nil
        if !keepingMessages {
            inbox.removeAll()
            inboxByteCount = 0
        }
        waiter?.resume(with: result.map { nil }.mapError { $0 })
        waiter = nil
    }

    /// `waiter` gets the next message, nil after the last one, or the call's error.
    func next(_ waiter: CallWaiter<ByteBuffer?>) {
        if let message = inbox.popFirst() {
            inboxByteCount -= message.readableBytes + Self.messageOverhead
            waiter.resume(with: .success(message))
        } else if let end {
            waiter.resume(with: end.map { nil }.mapError { $0 })
        } else if let other = self.waiter, !other.isDone {
            waiter.resume(with: .failure(RPCError(.internal, "two tasks read one stream")))
        } else {
            self.waiter = waiter
        }
    }

    /// What a waiting message costs besides its bytes.
    private static let messageOverhead = 64
}
