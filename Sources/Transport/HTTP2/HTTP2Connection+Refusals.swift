internal import RPC

/// Answers to requests that are no call of a method we have.
extension HTTP2Connection {
    /// Ends a gRPC request before it is a call.
    func refuse(stream id: Int32, httpStatus: Int, _ error: RPCError) {
        session?.submitResponse(
            .grpcTrailersOnly(httpStatus: httpStatus, error, [:]), endingStream: id)
    }

    /// Ends a call of a path that has no route; says which half of it is unknown.
    func refuseUnknown(stream id: Int32, path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let error: RPCError
        if parts.count == 3, parts[0].isEmpty, runner.router.hasService(String(parts[1])) {
            error = RPCError(.unimplemented, "unknown method \(parts[2]) of service \(parts[1])")
        } else if parts.count == 3, parts[0].isEmpty {
            error = RPCError(.unimplemented, "unknown service \(parts[1])")
        } else {
            error = RPCError(.unimplemented, "malformed path \(path), expected /service/method")
        }
        refuse(stream: id, httpStatus: 200, error)
    }

    /// Answers a request that is not gRPC where nobody else does. A method's path takes no other
    /// content type.
    func refuseOther(stream id: Int32, isCallPath: Bool) {
        session?.submitResponse(
            HTTP2FieldList([
                GRPCField(":status", isCallPath ? "415" : "404"), GRPCField("content-length", "0"),
            ]), endingStream: id)
    }
}
