internal import Engine
internal import Messages
internal import Store
internal import Synchronization

/// The pieces of an export, made as they are asked for: one page of executions and one execution's
/// outline are in memory at a time.
package struct ExportChunks: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = OperationError

    /// One of the two renderings.
    enum Format: Sendable {
        case csv(CSVExport)
        case json(JSONExport)
    }

    let operations: Operations
    let query: ExecutionQuery
    let format: Format
    let place: ExportPlaces.Place

    package func makeAsyncIterator() -> Iterator { Iterator(self) }

    /// One reading of the file.
    package struct Iterator: AsyncIteratorProtocol {
        /// A piece is handed out from this size on.
        private static var chunkBytes: Int { 32 << 10 }

        private let operations: Operations
        private var query: ExecutionQuery?
        private var format: Format
        private var place: ExportPlaces.Place?
        /// Of the page, newest last.
        private var rows: [ExecutionRow] = []
        private var hasBegun = false

        init(_ chunks: ExportChunks) {
            operations = chunks.operations
            query = chunks.query
            format = chunks.format
            place = chunks.place
        }

        package mutating func next() async throws(OperationError) -> [UInt8]? {
            try await next(isolation: #isolation)
        }

        package mutating func next(isolation actor: isolated (any Actor)?)
            async throws(OperationError) -> [UInt8]?
        {
            guard place != nil else { return nil }
            var chunk: [UInt8] = []
            if !hasBegun {
                hasBegun = true
                switch format {
                case .csv: CSVExport.begin(&chunk)
                case .json: JSONExport.begin(&chunk)
                }
            }
            while chunk.count < Self.chunkBytes {
                guard let row = try await nextRow() else {
                    if case .json = format { JSONExport.end(&chunk) }
                    place = nil
                    return chunk
                }
                try await add(row, to: &chunk)
            }
            return chunk
        }

        private mutating func nextRow() async throws(OperationError) -> ExecutionRow? {
            while rows.isEmpty, let asked = query {
                let store = operations.store
                let page = try await operations.reading { () async throws(StoreError) in
                    try await store.executions(asked)
                }
                rows = page.rows.reversed()
                query?.after = page.next
                if page.next == nil { query = nil }
            }
            return rows.popLast()
        }

        private mutating func add(_ row: ExecutionRow, to chunk: inout [UInt8])
            async throws(OperationError)
        {
            let engine = operations.engine
            let nodes = try await operations.engaging { () async throws(EngineError) in
                try await engine.outline(row)
            }.filter { $0.status != .skipped }
            switch format {
            case .csv(let csv): csv.add(row.execution, nodes, to: &chunk)
            case .json(var json):
                json.add(row.execution, nodes, to: &chunk)
                format = .json(json)
            }
        }
    }
}

/// How many exports each workspace has under way. Safe to use from any task.
final class ExportPlaces: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// One export's place, given back when the last copy is gone.
    final class Place: Sendable {
        private let places: ExportPlaces
        private let workspaceID: String

        fileprivate init(_ places: ExportPlaces, _ workspaceID: String) {
            self.places = places
            self.workspaceID = workspaceID
        }

        deinit { places.giveBack(workspaceID) }
    }

    /// nil: all are taken.
    func take(_ workspaceID: String, max: Int) -> Place? {
        let isFree = counts.withLock { counts in
            guard counts[workspaceID, default: 0] < max else { return false }
            counts[workspaceID, default: 0] += 1
            return true
        }
        return isFree ? Place(self, workspaceID) : nil
    }

    private func giveBack(_ workspaceID: String) {
        counts.withLock { counts in
            let left = counts[workspaceID, default: 1] - 1
            counts[workspaceID] = left > 0 ? left : nil
        }
    }
}
