// swift-tools-version: 6.2
import PackageDescription

// `Package.resolved` stays out of git, so every version is exact.
let dependencies: [Package.Dependency] = [
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioFoundationCompat = Target.Dependency.product(
    name: "NIOFoundationCompat", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")

/// With `SIGNALBOX_STRICT=1` (as in `make test`) a warning in our own code is an error.
let strict = Context.environment["SIGNALBOX_STRICT"] == "1"

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .strictMemorySafety(),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
        swiftSettings: settings)
}

let package = Package(
    name: "signalbox",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SignalboxClient", targets: ["SignalboxClient"]),
        .executable(name: "signalbox", targets: ["signalbox"]),
        .executable(name: "signalbox-interop", targets: ["signalbox-interop"]),
        .executable(name: "signalbox-expression", targets: ["signalbox-expression"]),
    ],
    dependencies: dependencies,
    targets: [
        // C libraries of the system, and C made by protoc-c. Each has exactly one Swift importer.
        .systemLibrary(
            name: "CProtobufC", pkgConfig: "libprotobuf-c",
            providers: [.apt(["libprotobuf-c-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        .systemLibrary(name: "CAllocator"),

        .target(name: "CWellKnownTypes", dependencies: ["CProtobufC"]),
        .target(name: "CMessages", dependencies: ["CWellKnownTypes"]),
        .target(name: "CWireMessages", dependencies: ["CWellKnownTypes"]),
        .target(name: "CFoundationMessages", dependencies: ["CProtobufC"]),
        .target(name: "CInteropMessages", dependencies: ["CProtobufC"]),

        // The bottom: no I/O.
        library("Model"),
        library("ProtobufRuntime", ["CProtobufC", "CWellKnownTypes"]),
        library("JSON"),
        library("Compression", ["CZlib"]),
        library("Cryptography", ["CCrypto"]),
        library("Redaction", ["JSON"]),

        // The nouns and the calls.
        library("Messages", ["CMessages", "ProtobufRuntime"]),
        library(
            "RPC",
            ["Model", "CWireMessages", "ProtobufRuntime", "Compression", nioCore, logging]),

        // Storage and sockets.
        library(
            "Store",
            ["Model", "Messages", "ProtobufRuntime", "Compression", "Cryptography", logging]),
        library(
            "SQLiteStore", ["Store", "Model", "Messages", "ProtobufRuntime", grdb, grdbSQLite]),
        library(
            "Transport",
            [
                "RPC", "COpenSSL", "CNGHTTP2", httpTypes, nioCore, nioPosix, nioHTTP1, nioWebSocket,
                logging, metrics,
            ]),
        library("HTTPClient", ["CCurl"]),

        // Deciding and doing.
        library("Services", ["Messages", "ProtobufRuntime", "RPC", nioCore]),
        library("RPCFoundation", ["CFoundationMessages", "RPC", "ProtobufRuntime", nioCore]),
        library("Expressions", ["Model", "JSON", nioCore, nioPosix, logging]),
        library(
            "Engine",
            [
                "Store", "Messages", "JSON", "Expressions", "HTTPClient", "Model",
                "ProtobufRuntime", "Cryptography", nioPosix, logging, metrics,
            ]
        ),
        library(
            "Operations",
            [
                "Engine", "Store", "Messages", "Model", "ProtobufRuntime", "JSON", "Redaction",
                "Cryptography", logging,
            ]),

        // The doors.
        library(
            "RPCServices",
            [
                "Engine", "Operations", "Services", "Messages", "Model", "ProtobufRuntime", "RPC",
                "Store",
                nioCore,
                logging, metrics,
            ]),
        library(
            "HTTPBridge",
            [
                "Operations", "Transport", "Messages", "Model", "ProtobufRuntime", "RPC", "Store",
                "JSON", "Compression", "Cryptography", httpTypes, hummingbird, nioCore, logging,
                metrics,
            ]),
        library(
            "SignalboxClient", ["Services", "Messages", "ProtobufRuntime", "Transport", "RPC"]),

        // The executables: wiring only.
        .executableTarget(
            name: "signalbox",
            dependencies: [
                "RPCServices", "HTTPBridge", "RPCFoundation", "RPC", "Services", "Operations",
                "Transport",
                "SQLiteStore", "Store", "Engine", "Expressions", "Messages", "Model", "JSON",
                "ProtobufRuntime", "SignalboxClient", "HTTPClient", "signalbox-expression",
                "CAllocator", argumentParser, configuration, serviceLifecycle, unixSignals,
                logging, metrics,
                coreMetrics, nioCore, nioPosix, nioHTTP1,
            ], swiftSettings: settings),
        .executableTarget(
            name: "signalbox-interop",
            dependencies: [
                "CInteropMessages", "ProtobufRuntime", "RPC", "RPCFoundation", "Transport",
                argumentParser, nioCore, serviceLifecycle, unixSignals,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "example-worker", dependencies: ["SignalboxClient"],
            path: "examples/workers/shout", swiftSettings: settings),
        .executableTarget(
            name: "signalbox-expression", linkerSettings: [.linkedLibrary("jq")]),

        // Tests.
        tests("Model"),
        tests("ProtobufRuntime", ["Messages"]),
        tests("JSON"),
        tests("Compression"),
        tests("Cryptography", ["CCrypto"]),
        tests("Redaction", ["JSON"]),
        .target(
            name: "CTestMessages", dependencies: ["CWellKnownTypes"], path: "Tests/CTestMessages"),
        tests(
            "Messages",
            ["CProtobufC", "CTestMessages", "ProtobufRuntime", "RPC", "RPCFoundation", "Services"]),
        tests("RPC", [nioCore]),
        tests(
            "Transport",
            [
                "RPC", "RPCFoundation", "Compression", "HTTPClient", "CNGHTTP2", httpTypes, nioCore,
                nioPosix, nioEmbedded, logging,
            ]),
        .target(
            name: "StoreConformance",
            dependencies: ["Store", "Model", "Messages", "ProtobufRuntime"],
            path: "Tests/StoreConformance",
            swiftSettings: settings),
        tests(
            "Store",
            ["Model", "Messages", "ProtobufRuntime", "SQLiteStore", "StoreConformance", logging]),
        tests(
            "SQLiteStore",
            ["StoreConformance", "Store", "Model", "Messages", "ProtobufRuntime", grdb]),
        tests("Expressions", ["JSON", "signalbox-expression", logging]),
        tests("HTTPClient", [nioCore, nioPosix]),
        tests(
            "Engine",
            [
                "SQLiteStore", "Store", "StoreConformance", "Model", "Messages", "ProtobufRuntime",
                "JSON",
                "Expressions", "signalbox-expression", nioCore, nioPosix, nioHTTP1, logging,
            ]),
        tests(
            "Operations",
            [
                "SQLiteStore", "Store", "StoreConformance", "Engine", "Expressions", "Messages",
                "Model", "Redaction",
                "ProtobufRuntime", "Cryptography", "CCrypto", "signalbox-expression", logging,
            ]),
        tests(
            "RPCServices",
            ["Operations", "Services", "Messages", "ProtobufRuntime", "RPC", nioCore]),
        tests(
            "HTTPBridge",
            [
                "Operations", "Transport", "SQLiteStore", "Store", "Engine", "Expressions",
                "Messages",
                "Model", "ProtobufRuntime", "RPC", "JSON", "signalbox-expression", httpTypes,
                nioCore,
                nioPosix, logging,
            ]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "signalbox", "signalbox-expression", "example-worker", "SignalboxClient",
                "Messages",
                "Model", "ProtobufRuntime", "RPC", argumentParser, coreMetrics, logging,
            ], swiftSettings: settings),
    ]
)
