internal import Messages
internal import RPC
internal import Services
internal import Synchronization
internal import Transport

/// Holds a client's connection, and makes a new one when it was lost.
final class Dialer: Sendable {
    private struct State {
        var connection: TTRPCClientConnection?
        var isClosed = false
    }

    private let host: String
    private let port: Int
    private let configuration: ClientConfiguration
    private let tls: TLSContext
    private let state = Mutex(State())

    init(_ configuration: ClientConfiguration) throws(RPCError) {
        guard let (host, port) = configuration.address else {
            throw RPCError(
                .invalidArgument, "expected HOST:PORT as server, got '\(configuration.server)'")
        }
        self.host = host
        self.port = port
        self.configuration = configuration
        do throws(TLSError) {
            tls = try TLSContext.client(
                TLSClientConfiguration(
                    caFile: configuration.caFile,
                    identity: configuration.certificate.map {
                        TLSIdentity(
                            certificateChainFile: $0.chainFile, privateKeyFile: $0.privateKeyFile)
                    }))
        } catch {
            throw RPCError(.invalidArgument, "\(error)")
        }
    }

    /// The open connection, or a new one that is authenticated.
    /// - Throws: `RPCError`.
    func connection() async throws -> TTRPCClientConnection {
        let (current, isClosed) = state.withLock { ($0.connection, $0.isClosed) }
        guard !isClosed else { throw Self.closedHere }
        if let current, current.isOpen { return current }
        let new = try await dial()
        // Several calls may have dialled at once: the first to come back wins.
        let chosen = state.withLock { state -> TTRPCClientConnection? in
            guard !state.isClosed else { return nil }
            if let other = state.connection, other.isOpen { return other }
            state.connection = new
            return new
        }
        if chosen !== new { await new.close() }
        guard let chosen else { throw Self.closedHere }
        return chosen
    }

    func close() async {
        let connection = state.withLock { state in
            state.isClosed = true
            defer { state.connection = nil }
            return state.connection
        }
        await connection?.close()
    }

    private func dial() async throws -> TTRPCClientConnection {
        let new = try await TTRPCClientConnection.connect(
            host: host, port: port, tls: tls, serverName: configuration.serverName)
        guard let token = configuration.token else { return new }
        do {
            _ = try await ServerServiceClient(channel: new).authenticate(
                AuthenticateRequest(token: token), options: CallOptions(timeout: .seconds(30)))
        } catch {
            await new.close()
            throw error
        }
        return new
    }

    private static var closedHere: RPCError {
        RPCError(.unavailable, "the client was closed")
    }
}
