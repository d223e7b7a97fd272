/// The text format that Prometheus scrapes, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats).
enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Everything, in the order of the names.
    static func render(_ families: [String: PrometheusMetrics.Family]) -> String {
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.render(name, labels, into: &text)
            }
        }
        return text
    }

    /// A gauge or counter that is read when it is asked for.
    static func family(
        _ name: String, _ kind: PrometheusMetrics.Family.Kind, _ samples: [(String, Double)],
        into text: inout String
    ) {
        text += "# TYPE \(name) \(kind.rawValue)\n"
        for (labels, value) in samples { sample(name, labels, value, into: &text) }
    }

    /// One line.
    static func sample(
        _ name: String, _ labels: String, _ value: Double, into text: inout String
    ) {
        text += labels.isEmpty ? "\(name) " : "\(name){\(labels)} "
        text += "\(number(value))\n"
    }

    /// Whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        guard let whole = Int64(exactly: value) else { return "\(value)" }
        return "\(whole)"
    }

    /// A legal metric or label name.
    static func name(_ text: String) -> String {
        let name = String(
            text.unicodeScalars.map { scalar in
                let isLegal = scalar.isASCII && (scalar.properties.isAlphabetic || scalar == "_")
                let isDigit = ("0"..."9").contains(scalar)
                return isLegal || isDigit ? Character(scalar) : "_"
            })
        return name.first?.isNumber ?? true ? "_" + name : name
    }

    /// `a="b",c="d"`, sorted, values escaped.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { (name($0.0), $0.1) }.sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }
}
