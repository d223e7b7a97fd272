internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// HTTP clients, each of which connects for one host name to one checked address.
///
/// The name an `HTTPClient` connects to instead of a request's belongs to its configuration, so
/// there is one for each pair; connections are kept alive between requests of the same pair.
final class HTTPClientPool: Sendable {
    private struct Key: Hashable {
        let host: String
        let address: String
    }

    private struct Entry {
        let client: HTTPClient
        var users = 0
        var lastUse = 0
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var uses = 0
        var isShutDown = false
    }

    private static let countMax = 64
    private let state = Mutex(State())

    /// Sends one request, without redirects, and reads the response up to `bytesMax`.
    func execute(
        _ request: HTTPClientRequest, host: String, address: String, deadline: NIODeadline,
        bytesMax: Int
    ) async throws -> HTTPAnswer {
        let key = Key(host: host, address: address)
        guard let client = take(key) else { throw CancellationError() }
        let result: Result<HTTPAnswer, any Error>
        do {
            let response = try await client.execute(request, deadline: deadline)
            let body = try await response.body.collect(upTo: bytesMax)
            result = .success(
                HTTPAnswer(
                    status: Int(response.status.code),
                    headers: response.headers.map { ($0.name, $0.value) },
                    body: Array(body.readableBytesView)))
        } catch {
            result = .failure(error)
        }
        for idle in giveBack(key) { try? await idle.shutdown() }
        return try result.get()
    }

    private func take(_ key: Key) -> HTTPClient? {
        state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.uses += 1
            var entry = state.entries[key] ?? Entry(client: Self.client(key))
            entry.users += 1
            entry.lastUse = state.uses
            state.entries[key] = entry
            return entry.client
        }
    }

    /// - Returns: clients that are no longer kept and must be shut down.
    private func giveBack(_ key: Key) -> [HTTPClient] {
        state.withLock { state in
            state.entries[key]?.users -= 1
            if state.isShutDown {
                guard let entry = state.entries[key], entry.users == 0 else { return [] }
                state.entries[key] = nil
                return [entry.client]
            }
            guard state.entries.count > Self.countMax,
                let oldest = state.entries.filter({ $0.value.users == 0 })
                    .min(by: { $0.value.lastUse < $1.value.lastUse })
            else { return [] }
            state.entries[oldest.key] = nil
            return [oldest.value.client]
        }
    }

    /// Closes what is idle now and the others when they are given back.
    func shutDown() async {
        let idle = state.withLock { state in
            state.isShutDown = true
            let idle = state.entries.filter { $0.value.users == 0 }
            for key in idle.keys { state.entries[key] = nil }
            return idle.values.map(\.client)
        }
        for client in idle { try? await client.shutdown() }
    }

    private static func client(_ key: Key) -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        if key.host != key.address { configuration.dnsOverride = [key.host: key.address] }
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        return HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
