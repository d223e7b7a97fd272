import Foundation
import JSON
import Testing

/// docs/workflow.schema.json agrees with what the engine takes.
@Suite struct PublishedSchemaTests {
    @Test func `it accepts every documented example and refuses wrong shapes`() throws {
        let url = DocumentedExampleTests.root.appending(path: "docs/workflow.schema.json")
        let text = try String(contentsOf: url, encoding: .utf8)
        let schema = try JSONSchema(compiling: try JSONValue(parsing: text))
        for example in DocumentedExampleTests.examples {
            let value = try JSONValue(parsing: example.definition)
            #expect(schema.validate(value).isEmpty, "\(example.kind)")
        }
        for example in ValidationTests.nodes where example.faults.isEmpty {
            let value = try JSONValue(parsing: example.definition)
            #expect(schema.validate(value).isEmpty, "\(example.name)")
        }
        for code in ["UNKNOWN_FIELD", "MISSING_FIELD @"] {
            for example in ValidationTests.nodes
            where example.faults.contains(where: { $0.hasPrefix(code) }) {
                let value = try JSONValue(parsing: example.definition)
                #expect(!schema.validate(value).isEmpty, "\(example.name)")
            }
        }
    }
}
