internal import Foundation

/// What the process uses, under the names every Prometheus client library gives it. Linux only;
/// elsewhere there is nothing to show.
enum ProcessMetrics {
    static func render(into text: inout String) {
        if let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            // The command's name may hold spaces and parentheses; what follows the last one does not.
            let end = stat.lastIndex(of: ")")
        {
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            if fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
                let virtual = Double(fields[20]), let pages = Double(fields[21])
            {
                PrometheusText.family(
                    "process_cpu_seconds_total", .counter, [("", (user + system) / ticks)],
                    into: &text)
                PrometheusText.family(
                    "process_virtual_memory_bytes", .gauge, [("", virtual)], into: &text)
                PrometheusText.family(
                    "process_resident_memory_bytes", .gauge,
                    [("", pages * Double(sysconf(Int32(_SC_PAGESIZE))))], into: &text)
            }
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            PrometheusText.family(
                "process_open_fds", .gauge, [("", Double(open.count))], into: &text)
        }
    }
}
