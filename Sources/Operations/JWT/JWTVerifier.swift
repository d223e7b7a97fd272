package import Logging
internal import Messages
package import Model
internal import Synchronization

/// Where an issuer's keys are read from.
package protocol JWKSSource: Sendable {
    /// The document, of at most `bytesMax` bytes.
    /// - Throws: anything, for the log.
    func read(bytesMax: Int) async throws -> [UInt8]
}

/// Believes JSON Web Tokens, or not, and remembers those it believed: checking a signature takes
/// about 100 µs. Safe to use from any task.
package final class JWTVerifier: Sendable {
    private struct State {
        var memory = JWKSMemory()
        var believed = RecentlyUsed<[UInt8], JWTRules.Meaning>(capacity: 4_096)
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let rules: JWTRules
    private let source: any JWKSSource
    private let environment: any Environment
    private let logger: Logger
    private let state = Mutex(State())

    /// A verifier that reads its keys when the first token comes.
    package init(
        rules: JWTRules, source: any JWKSSource, environment: any Environment, logger: Logger
    ) {
        self.rules = rules
        self.source = source
        self.environment = environment
        self.logger = logger
    }

    /// What a token means; nil if it is not to be believed.
    /// - Parameter hash: SHA-256 of the text.
    func meaning(_ text: String, hash: [UInt8]) async -> JWTRules.Meaning? {
        let now = environment.now()
        if let known = state.withLock({ $0.believed[hash] }) {
            return now < known.expiresAt ? known : nil
        }
        guard let token = JWTText(text), rules.algorithms.contains(token.algorithm),
            let key = await key(token), key.verifies(token.signature, of: token.signed)
        else { return nil }
        do throws(JWTRules.Fault) {
            let meaning = try rules.meaning(token.claims, now: now)
            state.withLock { $0.believed[hash] = meaning }
            return meaning
        } catch {
            logger.debug("a token is not believed", metadata: ["fault": "\(error)"])
            return nil
        }
    }

    private func key(_ token: JWTText) async -> JWKSet.Key? {
        // A look after a reading either finds the key or is too soon for another.
        for _ in 0..<3 {
            let onLook = state.withLock {
                $0.memory.looked(
                    id: token.keyID, algorithm: token.algorithm, now: environment.now())
            }
            switch onLook {
            case .use(let key): return key
            case .refuse: return nil
            case .read: await read()
            case .wait: await ended()
            }
        }
        return nil
    }

    /// Reads the keys for everybody who waits for them.
    private func read() async {
        var keys: JWKSet?
        do {
            let bytes = try await source.read(bytesMax: JWKSet.bytesMax)
            keys = try JWKSet(bytes, algorithms: rules.algorithms)
        } catch {
            logger.error(
                "the keys of JSON Web Tokens cannot be read", metadata: ["error": "\(error)"])
        }
        let now = environment.now()
        let waiters = state.withLock { state in
            state.memory.ended(keys, now: now)
            // A key that is gone believes nobody any more.
            if keys != nil { state.believed.removeAll() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when the reading that was under way has ended.
    private func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.memory.isReading else { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}
