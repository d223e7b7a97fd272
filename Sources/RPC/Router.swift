package import NIOCore

/// How a method is served, in bytes. Generated code makes these from typed handlers.
package enum MethodHandler: Sendable {
    case unary(@Sendable (ByteBuffer, CallContext) async throws -> ByteBuffer)
    case serverStreaming(
        @Sendable (ByteBuffer, any ResponseWriter, CallContext) async throws -> Void)
    case clientStreaming(@Sendable (any RequestReader, CallContext) async throws -> ByteBuffer)
    case bidirectional(
        @Sendable (any RequestReader, any ResponseWriter, CallContext) async throws -> Void)
}

/// Wraps every call: may refuse it by throwing, change its context, or watch how it ends.
package protocol Interceptor: Sendable {
    /// Calls `next` at most once.
    func intercept(
        _ context: CallContext, next: @escaping @Sendable (CallContext) async throws -> Void
    ) async throws
}

/// Finds the handler of a call. Filled once at start, then only read.
package struct Router: Sendable {
    /// One registered method.
    package struct Route: Sendable {
        package let descriptor: MethodDescriptor
        package let handler: MethodHandler
    }

    private var routesByPath: [String: Route] = [:]
    private var routesByService: [String: [String: Route]] = [:]
    /// Outermost first.
    package let interceptors: [any Interceptor]

    package init(interceptors: [any Interceptor] = []) {
        self.interceptors = interceptors
    }

    /// Adds a method. Adding one twice is a programmer error.
    package mutating func register(_ descriptor: MethodDescriptor, _ handler: MethodHandler) {
        let route = Route(descriptor: descriptor, handler: handler)
        let replaced = routesByPath.updateValue(route, forKey: descriptor.path)
        precondition(replaced == nil, "\(descriptor.path) is registered twice")
        routesByService[descriptor.service, default: [:]][descriptor.method] = route
    }

    /// Names of all services.
    package var services: [String] { routesByService.keys.sorted() }

    /// The route of gRPC's `:path`.
    package func route(path: String) -> Route? { routesByPath[path] }

    /// The route of ttrpc's service and method.
    package func route(service: String, method: String) -> Route? {
        routesByService[service]?[method]
    }

    /// Whether any method of `service` is registered; tells the two UNIMPLEMENTED messages apart.
    package func hasService(_ service: String) -> Bool { routesByService[service] != nil }
}
