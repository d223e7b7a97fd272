internal import ArgumentParser
internal import Configuration
internal import Foundation
internal import JSON
internal import Synchronization

/// One setting from wherever it was given: the command line, else the environment (`--private-key`
/// is `SIGNALBOX_PRIVATE_KEY`), else the JSON file of `--config` (`"private-key"`).
///
/// A value of the wrong type is refused, never passed over: each reading throws a `ValidationError`
/// that names the setting.
final class Settings: Sendable {
    private let reader: ConfigReader
    private let file: String
    /// The members of the file that nobody has read yet.
    private let unread: Mutex<[String]>

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
        var members: [String] = []
        if let file = file ?? environment["SIGNALBOX_CONFIG"] {
            do {
                let text = try String(contentsOfFile: file, encoding: .utf8)
                members = try JSONValue(parsing: text).objectValue?.keys ?? []
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
        self.file = file ?? environment["SIGNALBOX_CONFIG"] ?? ""
        unread = Mutex(members)
    }

    func string(_ name: String) async throws -> String? {
        try await value(name, "a string") { try await reader.fetchString(forKey: $0) }
    }

    /// Several values; in the environment they are separated by commas.
    func strings(_ name: String) async throws -> [String] {
        try await value(name, "an array of strings") {
            try await reader.fetchStringArray(forKey: $0)
        } ?? []
    }

    func int(_ name: String) async throws -> Int? {
        try await value(name, "a whole number") { try await reader.fetchInt(forKey: $0) }
    }

    func bool(_ name: String) async throws -> Bool {
        try await value(name, "true or false") { try await reader.fetchBool(forKey: $0) } ?? false
    }

    /// Ends the reading.
    /// - Throws: `ValidationError` if the file has members that nobody read: a setting that is
    ///   misspelt must not be left out in silence.
    func finish() throws {
        let unknown = unread.withLock { $0 }
        guard let first = unknown.first else { return }
        let more = unknown.count > 1 ? " (and \(unknown.count - 1) more)" : ""
        throw ValidationError(
            "\(file): there is no setting '\(SafeText.line(first))' here\(more)")
    }

    private func value<Value>(
        _ name: String, _ expected: String, _ fetch: (ConfigKey) async throws -> Value?
    ) async throws -> Value? {
        unread.withLock { $0.removeAll { $0 == name } }
        do {
            return try await fetch(ConfigKey([name]))
        } catch {
            let came = reader.string(forKey: ConfigKey([name])).map { ", got '\($0)'" } ?? ""
            throw ValidationError("--\(name): expected \(expected)\(came)")
        }
    }
}
