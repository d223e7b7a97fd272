internal import JSON

/// One of the places that the same calls are at: with and without the version, and under the name that
/// older editions have for pods.
struct WorkspacesMount {
    private let prefix: String
    private let suffix: String

    static let all = [
        WorkspacesMount(prefix: "/workspaces/{wId}/pods/{podId}", suffix: ""),
        WorkspacesMount(prefix: "/v1/workspaces/{wId}/pods/{podId}", suffix: "V1"),
        WorkspacesMount(prefix: "/workspaces/{wId}/spaces/{podId}", suffix: "InSpace"),
        WorkspacesMount(prefix: "/v1/workspaces/{wId}/spaces/{podId}", suffix: "InSpaceV1"),
    ]

    let parameters: [RouteParameter] = [
        .path("wId", "The workspace's id or UUID."), .path("podId", "The pod's id."),
    ]

    func path(_ path: String) -> String { prefix + path }

    func id(_ name: String) -> String { "workspaces\(name)\(suffix)" }
}
