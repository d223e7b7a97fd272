internal import COpenSSL
internal import Synchronization

/// The secrets that session tickets are sealed with. Whoever has them can read the sessions, so they
/// are made by the process, never leave it, and are replaced every few hours (`TLSTicketKeyRing`).
package final class TLSTicketKeys: Sendable {
    private let ring = Mutex(TLSTicketKeyRing())
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Random keys, made when they are needed.
    /// - Parameter now: the clock that they age by.
    package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
    }

    /// Makes `context` seal and open its tickets with these keys; they must outlive it.
    func serve(_ context: OpaquePointer) throws(TLSError) {
        let ourselves = unsafe Unmanaged.passUnretained(self).toOpaque()
        // Index 0 is the application's.
        guard unsafe SSL_CTX_set_ex_data(context, 0, ourselves) == 1,
            unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(context, Self.ticketCallback) == 1
        else { throw .takingReasons(.configuration, "cannot use the ticket keys") }
    }

    /// What OpenSSL asks for each ticket: 1 go on, 0 no ticket, 2 the ticket is good but wants to be
    /// replaced, -1 failed.
    private static let ticketCallback:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?,
            OpaquePointer?, OpaquePointer?, Int32
        ) -> Int32 = { ssl, name, iv, cipher, mac, isSealing in
            guard let context = unsafe SSL_get_SSL_CTX(ssl),
                let keys = unsafe SSL_CTX_get_ex_data(context, 0),
                let name = unsafe name, let iv = unsafe iv
            else { return -1 }
            // Alive because the context of the session keeps them.
            let ours = unsafe Unmanaged<TLSTicketKeys>.fromOpaque(keys).takeUnretainedValue()
            let nameBytes = unsafe UnsafeMutableBufferPointer(
                start: name, count: TLSTicketKeyRing.Key.nameCount)
            if isSealing == 1 {
                guard let key = ours.sealing(),
                    unsafe RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1
                else { return -1 }
                _ = unsafe nameBytes.update(fromContentsOf: key.name)
                return unsafe use(key, cipher, mac, iv, 1) ? 1 : -1
            }
            guard let (key, isNewest) = unsafe ours.opening(Array(nameBytes)) else { return 0 }
            guard unsafe use(key, cipher, mac, iv, 0) else { return -1 }
            return isNewest ? 1 : 2
        }

    private static func use(
        _ key: TLSTicketKeyRing.Key, _ cipher: OpaquePointer?, _ mac: OpaquePointer?,
        _ iv: UnsafeMutablePointer<UInt8>, _ isSealing: Int32
    ) -> Bool {
        unsafe COpenSSL_use_ticket_key(
            cipher, mac, Array(key.macKey), Array(key.cipherKey), iv, isSealing) == 1
    }

    private func sealing() -> TLSTicketKeyRing.Key? {
        let now = now()
        return ring.withLock { ring in
            ring.sealing(at: now) {
                var bytes = [UInt8](repeating: 0, count: TLSTicketKeyRing.Key.byteCount)
                return unsafe RAND_bytes(&bytes, Int32(bytes.count)) == 1 ? bytes : nil
            }
        }
    }

    private func opening(_ name: [UInt8]) -> (key: TLSTicketKeyRing.Key, isNewest: Bool)? {
        let now = now()
        return ring.withLock { $0.opening(name, at: now) }
    }
}
