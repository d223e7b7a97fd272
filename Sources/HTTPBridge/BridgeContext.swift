internal import Hummingbird
internal import Logging
internal import Operations
internal import Synchronization
internal import Transport

/// What the router's parts hand each other beside the request itself.
struct BridgeContext: RequestContext {
    typealias Source = BridgeSource

    var coreContext: CoreRequestContextStorage
    let exchange: HTTPExchange
    let trace: RequestTrace
    let record: RequestRecord

    init(source: BridgeSource) {
        coreContext = CoreRequestContextStorage(source: source)
        exchange = source.exchange
        trace = source.trace
        record = RequestRecord()
    }
}

/// What a context is made of.
struct BridgeSource: RequestContextSource {
    let logger: Logger
    let exchange: HTTPExchange
    let trace: RequestTrace
}

/// What becomes known of a request on its way, for the access log; and what is to happen with its
/// connection instead of a body.
final class RequestRecord: Sendable {
    struct State {
        var operationID = ""
        var principal = ""
        var code = ""
        /// Where the caller stands with its calls a minute.
        var rate: RateStatus?
        /// Whether the route's dialect tells everybody; nil: no route was found.
        var tellsRateAlways: Bool?
        var webSocket: (@Sendable (WebSocket) async -> Void)?
    }

    private let state = Mutex(State())

    var current: State { state.withLock { $0 } }

    func update(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
    }
}
