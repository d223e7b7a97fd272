internal import RPC

/// The routes that a connection called last, by the bytes of `:path`, so that most calls make no
/// string of it.
struct RouteCache {
    private struct Entry {
        let path: [UInt8]
        let route: Router.Route
    }

    private static let entriesMax = 8
    private var entries: [Entry] = []
    private var next = 0

    /// The route of `path`, remembered or looked up.
    mutating func route(path: UnsafeRawBufferPointer, in router: Router) -> Router.Route? {
        for entry in entries where entry.path.count == path.count {
            if unsafe entry.path.elementsEqual(path) { return entry.route }
        }
        guard let route = unsafe router.route(path: String(decoding: path, as: UTF8.self)) else {
            return nil
        }
        let entry = unsafe Entry(path: Array(path), route: route)
        if entries.count < Self.entriesMax {
            entries.append(entry)
        } else {
            entries[next] = entry
            next = (next + 1) % Self.entriesMax
        }
        return route
    }
}
