internal import Configuration

/// What one flag was given as.
enum FlagValue: Sendable, Equatable {
    case string(String)
    case strings([String])
    case int(Int)
    case bool(Bool)

    var configValue: ConfigValue {
        switch self {
        case .string(let value): ConfigValue(.string(value), isSecret: false)
        case .strings(let value): ConfigValue(.stringArray(value), isSecret: false)
        case .int(let value): ConfigValue(.int(value), isSecret: false)
        case .bool(let value): ConfigValue(.bool(value), isSecret: false)
        }
    }
}

extension [String: FlagValue] {
    /// Adds a flag that was given.
    mutating func add(_ name: String, _ value: String?) {
        if let value { self[name] = .string(value) }
    }

    mutating func add(_ name: String, _ value: Int?) {
        if let value { self[name] = .int(value) }
    }

    mutating func add(_ name: String, _ value: [String]) {
        if !value.isEmpty { self[name] = .strings(value) }
    }

    mutating func add(_ name: String, _ value: Bool) {
        if value { self[name] = .bool(true) }
    }
}
