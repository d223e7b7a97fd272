package import Messages
internal import Model

extension Operations {
    /// Says what this server is and what it allows. Needs no role.
    package func getInfo(_ request: GetInfoRequest, by caller: Caller) -> GetInfoResponse {
        GetInfoResponse(
            version: server.version, startTime: server.startTime.timestamp,
            now: environment.now().timestamp, principal: caller.principal,
            limits: limits.byName.merging(server.transportLimits) { own, _ in own },
            nodeKinds: server.nodeKinds)
    }
}
