internal import ArgumentParser
internal import Configuration
internal import Foundation

/// One setting from wherever it was given: the command line, else the environment (`--private-key`
/// is `SIGNALBOX_PRIVATE_KEY`), else the JSON file of `--config` (`"private-key"`).
struct Settings: Sendable {
    private let reader: ConfigReader

    /// - Parameters:
    ///   - flags: what stands on the command line, by the names of the flags; absent ones left out.
    ///   - file: the JSON file, from `--config` or `SIGNALBOX_CONFIG`.
    /// - Throws: `ValidationError` for a file that cannot be read.
    init(
        flags: [String: FlagValue], file: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (name, value) in flags {
            values[AbsoluteConfigKey([name], context: [:])] = value.configValue
        }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "command line", values: values),
            EnvironmentVariablesProvider(
                environmentVariables: environment.filter { $0.key.hasPrefix("SIGNALBOX_") }
                    .reduce(into: [:]) {
                        $0[String($1.key.dropFirst("SIGNALBOX_".count))] = $1.value
                    }
            ),
        ]
        if let file = file ?? environment["SIGNALBOX_CONFIG"] {
            do {
                let path = InMemoryProvider(values: [
                    "filePath": ConfigValue(.string(file), isSecret: false)
                ])
                providers.append(
                    try await FileProvider<JSONSnapshot>(config: ConfigReader(provider: path)))
            } catch {
                throw ValidationError("cannot use the configuration file \(file): \(error)")
            }
        }
        reader = ConfigReader(providers: providers)
    }

    func string(_ name: String) -> String? { reader.string(forKey: ConfigKey([name])) }

    /// Several values; in the environment they are separated by commas.
    func strings(_ name: String) -> [String] {
        reader.stringArray(forKey: ConfigKey([name])) ?? []
    }

    func int(_ name: String) -> Int? { reader.int(forKey: ConfigKey([name])) }

    func bool(_ name: String) -> Bool { reader.bool(forKey: ConfigKey([name])) ?? false }
}

/// What one flag was given as.
enum FlagValue: Sendable, Equatable {
    case string(String)
    case strings([String])
    case int(Int)
    case bool(Bool)

    fileprivate var configValue: ConfigValue {
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
