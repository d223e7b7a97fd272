internal import NIOCore
internal import NIOHTTP1

/// Answers every HTTP/1.1 request with 404 and closes: what the port says to browsers and scripts
/// where no bridge is installed.
final class NotFoundHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let request) = unwrapInboundIn(data) else { return }
        let body = ByteBuffer(string: "nothing is served over HTTP here\n")
        let headers: HTTPHeaders = [
            "content-type": "text/plain; charset=utf-8",
            "content-length": "\(body.readableBytes)", "connection": "close",
        ]
        let head = HTTPResponseHead(version: request.version, status: .notFound, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(mode: .all, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(mode: .all, promise: nil)
    }
}
