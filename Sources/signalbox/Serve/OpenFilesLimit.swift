internal import Foundation

/// The number of files and sockets this process may have open.
enum OpenFilesLimit {
    /// Raises the soft limit to the hard one; connections need it.
    /// - Returns: the limit now.
    static func raise() -> UInt64 {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard unsafe getrlimit(resource, &limit) == 0 else { return 0 }
        let before = limit.rlim_cur
        limit.rlim_cur = min(limit.rlim_max, 1 << 20)
        guard unsafe setrlimit(resource, &limit) == 0 else { return UInt64(before) }
        return UInt64(limit.rlim_cur)
    }
}
