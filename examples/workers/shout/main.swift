// A worker in Swift: serves `shout` for workflow.json.
//
//     SIGNALBOX_SERVER=127.0.0.1:7443 SIGNALBOX_CA=certs/ca.pem SIGNALBOX_TOKEN=sb_… example-worker
//
// The token has the role worker. Ends when it is told to (SIGTERM, Ctrl-C), after what it is at work on.
internal import Dispatch
internal import Foundation
internal import SignalboxClient

let names = ProcessInfo.processInfo.environment
let client = try await SignalboxClient.connect(
    ClientConfiguration(
        server: names["SIGNALBOX_SERVER"] ?? "127.0.0.1:7443", caFile: names["SIGNALBOX_CA"],
        token: names["SIGNALBOX_TOKEN"]))

struct Greeting: Codable {
    var text: String
    var token: String
}

struct Loudness: Codable {
    var marks: Int
}

let worker = Worker(client) {
    WorkerKindHandler(
        "shout",
        dataSchemaJSON: """
            {"type": "object", "required": ["marks"], "additionalProperties": false,
             "properties": {"marks": {"type": "integer", "minimum": 0, "maximum": 10}}}
            """
    ) { task in
        var greeting = try JSONDecoder().decode(Greeting.self, from: Data(task.inputJSON.utf8))
        let data = try JSONDecoder().decode(Loudness.self, from: Data(task.dataJSON.utf8))
        try await task.progress(#"{"shouting":true}"#)
        greeting.text = greeting.text.uppercased() + String(repeating: "!", count: data.marks)
        return String(decoding: try JSONEncoder().encode(greeting), as: UTF8.self)
    }
}

var sources: [any DispatchSourceSignal] = []
for number in [SIGTERM, SIGINT] {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .main)
    source.setEventHandler { worker.stop() }
    source.resume()
    sources.append(source)
}
print("working as \(worker.id)")
do {
    try await worker.run()
} catch {
    print("\(worker.id) was refused: \(error)")
    exit(1)
}
await client.close()
