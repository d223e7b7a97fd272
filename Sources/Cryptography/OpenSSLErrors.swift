internal import CCrypto

/// Does `work`, which may fail, and takes back what OpenSSL noted of it. Its notes are kept by thread, and
/// TLS on the same thread would take them for its own.
func withoutErrors<Result>(_ work: () -> Result) -> Result {
    ERR_set_mark()
    defer { ERR_pop_to_mark() }
    return work()
}
