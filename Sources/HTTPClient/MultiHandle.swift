internal import CCurl

/// libcurl's connections and the transfers on them. Belongs to the loop's thread, save for `wake`.
@safe
final class MultiHandle: Sendable {
    // Sendable because waking is what libcurl allows from any thread; the rest is the loop's alone.
    private nonisolated(unsafe) let pointer: OpaquePointer

    private static let isLibraryReady = CCurl_global_init() == CURLE_OK

    /// nil where there is no memory, or no descriptor to be woken by.
    init?() {
        guard Self.isLibraryReady, let pointer = unsafe curl_multi_init() else { return nil }
        unsafe self.pointer = pointer
        // A handle that could not make its waking descriptor says so only here.
        guard unsafe curl_multi_wakeup(pointer) == CURLM_OK else { return nil }
    }

    deinit {
        unsafe curl_multi_cleanup(pointer)
    }

    /// From any thread: has the current `sleep`, or the next, return.
    func wake() { unsafe curl_multi_wakeup(pointer) }

    /// - Returns: whether the transfer goes on.
    func add(_ easy: OpaquePointer) -> Bool {
        unsafe curl_multi_add_handle(pointer, easy) == CURLM_OK
    }

    func remove(_ easy: OpaquePointer) { unsafe curl_multi_remove_handle(pointer, easy) }

    /// Reads, writes and connects where that is possible now.
    /// - Returns: what is wrong with the handle itself, if anything is.
    func perform() -> String? {
        var count: Int32 = 0
        return unsafe Self.fault(curl_multi_perform(pointer, &count))
    }

    /// A transfer that has ended, and how; nil if there is no other.
    func nextEnded() -> (easy: OpaquePointer, code: CURLcode)? {
        var code = CURLE_OK
        guard let easy = unsafe CCurl_multi_next_ended(pointer, &code) else { return nil }
        return unsafe (easy, code)
    }

    /// Returns when there is something to do, or after this time, in milliseconds.
    /// - Returns: as `perform` does.
    func sleep(milliseconds: Int32) -> String? {
        unsafe Self.fault(curl_multi_poll(pointer, nil, 0, milliseconds, nil))
    }

    private static func fault(_ code: CURLMcode) -> String? {
        guard code != CURLM_OK else { return nil }
        guard let text = unsafe curl_multi_strerror(code) else { return "\(code.rawValue)" }
        return unsafe String(cString: text)
    }
}
