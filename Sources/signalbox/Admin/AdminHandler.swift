internal import NIOCore
internal import NIOHTTP1

/// Serves one connection of the admin listener: one request, one answer, and it closes.
final class AdminHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A body is of no use here; a peer that sends more is not listened to.
    private static let bodyBytesMax = 16 << 10
    /// How long a peer may take for its request, and to take the answer.
    private static let patience = TimeAmount.seconds(10)

    private let pages: AdminPages
    private let requiresLoopbackHost: Bool
    private var request: AdminRequest?
    private var hasBody = true
    private var bodyBytes = 0
    private var timeout: Scheduled<Void>?

    init(pages: AdminPages, requiresLoopbackHost: Bool) {
        self.pages = pages
        self.requiresLoopbackHost = requiresLoopbackHost
    }

    func channelActive(context: ChannelHandlerContext) {
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) {
            context.close(mode: .all, promise: nil)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard request == nil else { return }
            hasBody = head.method != .HEAD
            request = AdminRequest(
                method: head.method.rawValue, uri: head.uri, hosts: head.headers["host"],
                origins: head.headers["origin"],
                requiresLoopbackHost: requiresLoopbackHost)
        case .body(let part):
            bodyBytes += part.readableBytes
            if bodyBytes > Self.bodyBytesMax { context.close(mode: .all, promise: nil) }
        case .end:
            guard let request else { return }
            answer(request, context)
        }
    }

    private func answer(_ request: AdminRequest, _ context: ChannelHandlerContext) {
        let pages = pages
        let promise = context.eventLoop.makePromise(of: AdminPages.Page.self)
        promise.completeWithTask { await pages.page(request) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        promise.futureResult.whenSuccess { page in
            let (handler, context) = bound.value
            handler.send(page, context)
        }
    }

    private func send(_ page: AdminPages.Page, _ context: ChannelHandlerContext) {
        var headers: HTTPHeaders = [
            "content-type": page.contentType, "content-length": "\(page.body.utf8.count)",
            "connection": "close", "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        ]
        if page.status == 405 { headers.add(name: "allow", value: "GET, HEAD") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: page.status),
            headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if hasBody {
            context.write(
                wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: page.body)))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.close(mode: .all, promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(mode: .all, promise: nil)
    }
}
