import CoreMetrics
import Foundation
import Logging
import Model
import Testing

@testable import signalbox

struct AdminRequestTests {
    @Test(arguments: [
        ("GET", "/metrics", AdminRequest.metrics), ("HEAD", "/metrics", .metrics),
        ("GET", "/healthz", .health), ("GET", "/readyz?x=1", .readiness),
    ])
    func `pages are found`(method: String, uri: String, page: AdminRequest) {
        #expect(
            AdminRequest(
                method: method, uri: uri, hosts: ["127.0.0.1:7444"], requiresLoopbackHost: true)
                == page)
    }

    @Test(arguments: [
        ("POST", "/metrics", 405), ("GET", "/", 404), ("GET", "/metrics/", 404), ("GET", "", 404),
        ("GET", "http://x/metrics", 404), ("GET", "/../metrics", 404),
    ])
    func `anything else is refused`(method: String, uri: String, status: Int) {
        guard
            case .refused(status, _) = AdminRequest(
                method: method, uri: uri, hosts: ["localhost"], requiresLoopbackHost: true)
        else {
            Issue.record("expected \(status) for \(method) \(uri)")
            return
        }
    }

    @Test(arguments: [
        "localhost", "localhost:80", "127.0.0.1", "127.9.9.9:7444", "[::1]", "[::1]:7444",
    ])
    func `loopback hosts are let in`(host: String) {
        #expect(
            AdminRequest(
                method: "GET", uri: "/healthz", hosts: [host], requiresLoopbackHost: true)
                == .health)
    }

    @Test(arguments: [
        "evil.example", "127.0.0.1.evil.example", "127.evil", "localhost.evil", "10.0.0.1",
        "127.0.0.1:x", "127.0.0.1:99999", "[::1", "[::1]x", "::1:80", "", "localhost:80:80",
        "127.0.0.256",
    ])
    func `foreign hosts are kept out of a loopback listener, and of no other`(host: String) {
        guard
            case .refused(403, _) = AdminRequest(
                method: "GET", uri: "/metrics", hosts: [host], requiresLoopbackHost: true)
        else {
            Issue.record("expected 403 for \(host)")
            return
        }
        #expect(
            AdminRequest(
                method: "GET", uri: "/metrics", hosts: [host], requiresLoopbackHost: false)
                == .metrics)
    }

    @Test(arguments: [
        (["http://localhost:3000"], true), (["https://127.0.0.1"], true),
        (["http://[::1]:1"], true),
        ([], true), (["http://evil.example"], false), (["null"], false), ([""], false),
        (["http://localhost", "http://evil.example"], false), (["http://localhost.evil"], false),
        (["file://localhost"], false), (["http://localhost@evil"], false),
    ])
    func `a loopback listener serves no page of a foreign origin`(origins: [String], isLetIn: Bool)
    {
        for requiresLoopback in [true, false] {
            let request = AdminRequest(
                method: "GET", uri: "/metrics", hosts: ["localhost"], origins: origins,
                requiresLoopbackHost: requiresLoopback)
            if isLetIn || !requiresLoopback {
                #expect(request == .metrics)
            } else {
                #expect(request == .refused(status: 403, message: "expected no foreign Origin"))
            }
        }
    }

    @Test func `a request has one host`() {
        for hosts in [[], ["localhost", "localhost"]] {
            guard
                case .refused(400, _) = AdminRequest(
                    method: "GET", uri: "/metrics", hosts: hosts, requiresLoopbackHost: false)
            else {
                Issue.record("expected 400 for \(hosts)")
                return
            }
        }
    }
}

struct PrometheusTests {
    @Test func `counters, gauges and histograms are rendered`() {
        let metrics = PrometheusMetrics()
        let counter = metrics.makeCounter(
            label: "calls.total", dimensions: [("method", "Get"), ("code", "a\"b\\c\nd")])
        counter.increment(by: 3)
        metrics.makeMeter(label: "open", dimensions: []).set(1.5)
        let timer = metrics.makeTimer(label: "t_seconds", dimensions: [("m", "x")])
        timer.recordNanoseconds(100_000)
        timer.recordNanoseconds(7_200_000_000_000)
        let text = PrometheusText.render(metrics.current)
        #expect(text.contains(#"calls_total{code="a\"b\\c\nd",method="Get"} 3"# + "\n"))
        #expect(text.contains("# TYPE open gauge\nopen 1.5\n"))
        #expect(text.contains(#"t_seconds_bucket{m="x",le="0.0001"} 1"#))
        #expect(text.contains(#"t_seconds_bucket{m="x",le="3600"} 1"#))
        #expect(text.contains(#"t_seconds_bucket{m="x",le="+Inf"} 2"#))
        #expect(text.contains(#"t_seconds_count{m="x"} 2"#))
    }

    @Test func `the same name and labels are one series`() {
        let metrics = PrometheusMetrics()
        for _ in 0..<3 {
            metrics.makeCounter(label: "c", dimensions: [("b", "2"), ("a", "1")]).increment(by: 1)
            metrics.makeCounter(label: "c", dimensions: [("a", "1"), ("b", "2")]).increment(by: 1)
        }
        #expect(
            PrometheusText.render(metrics.current) == "# TYPE c counter\nc{a=\"1\",b=\"2\"} 6\n")
    }

    @Test func `labels without end do not fill the memory`() {
        let metrics = PrometheusMetrics()
        for index in 0..<10_000 {
            metrics.makeCounter(label: "c", dimensions: [("id", "\(index)")]).increment(by: 1)
        }
        for index in 0..<1_000 {
            metrics.makeCounter(label: "c\(index)", dimensions: []).increment(by: 1)
        }
        #expect(metrics.current.count <= 256)
        #expect(metrics.current.values.allSatisfy { $0.series.count <= 4_096 })
    }

    @Test(arguments: [
        ("signalbox_x", "signalbox_x"), ("a.b-c", "a_b_c"), ("9a", "_9a"), ("ä", "_"), ("", "_"),
    ])
    func `names are made legal`(given: String, name: String) {
        #expect(PrometheusText.name(given) == name)
    }
}

struct LineLogHandlerTests {
    private static func line(
        _ format: ServerSettings.LogFormat, _ message: String, _ metadata: Logger.Metadata
    ) -> String {
        LineLogHandler.line(
            format, time: WallTime(microseconds: 1_600_000), level: .info, label: "l",
            message: message, metadata: metadata)
    }

    @Test func `a line is one line, whatever is logged`() {
        let text = Self.line(.text, "a\nb", ["k": "v w", "e": "", "q": "x\"\n\u{1B}[2J"])
        #expect(
            text == "1970-01-01T00:00:01.600Z info a b e=\"\" k=\"v w\" q=\"x\\\"\\n\\u001b[2J\"\n")
    }

    @Test func `JSON keeps what is ours apart from what is not`() {
        let text = Self.line(.json, "m\n", ["level": "high", "k": "\"v\""])
        #expect(
            text
                == #"{"time":"1970-01-01T00:00:01.600Z","level":"info","logger":"l","message":"m\n","k":"\"v\"","_level":"high"}"#
                + "\n")
    }
}

struct FreeMemoryTests {
    // The address sanitizer's allocator tells nothing of itself.
    @Test(.disabled(if: ProcessInfo.processInfo.environment["ASAN_OPTIONS"] != nil))
    func `what is free and kept is known`() {
        // Every heap that was ever used keeps something.
        #expect(FreeMemory.freeByteCount > 0)
    }
}

struct TerminalTests {
    @Test func `text from elsewhere cannot move the cursor`() {
        #expect(SafeText.line("a\u{1B}[2Jb\r\n\u{202E}c\u{7}") == "a [2Jb   c ")
    }

    @Test func `columns are as wide as their widest cell`() {
        var table = Table(["A", "LONG"])
        table.add(["xyz", "1"])
        table.add(["ö", "2"])
        #expect(table.text(colourful: false) == "A    LONG\nxyz  1\nö    2")
    }
}
