internal import Operations
internal import Store
internal import Transport

/// Why a server does not start, for people.
enum ServerFailure {
    static func text(of error: any Error) -> String {
        switch error {
        case let error as StoreError: error.message
        case let error as TLSError: error.description
        case let error as OperationError: error.message
        default: "\(error)"
        }
    }
}
