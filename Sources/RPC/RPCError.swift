internal import Model

/// A call's failure, as both sides of the wire see it: a status other than OK.
public struct RPCError: Error, Sendable, Equatable {
    /// Never `.ok`.
    public var code: StatusCode
    /// For people; lower case, what was expected and what came. At most ``messageBytesMax`` bytes
    /// are kept: it may quote what a peer sent.
    public var message: String
    /// Machine-readable details, each a serialized protobuf message with its type.
    public var details: [Detail]
    /// Metadata to send with the trailers (gRPC only).
    public var trailers: Metadata

    /// One packed `google.protobuf.Any`.
    public struct Detail: Sendable, Equatable {
        /// For example `type.googleapis.com/google.rpc.ErrorInfo`.
        public var typeURL: String
        /// The serialized message.
        public var value: [UInt8]

        /// A detail of the given type.
        public init(typeURL: String, value: [UInt8]) {
            self.typeURL = typeURL
            self.value = value
        }
    }

    /// The longest message, in bytes.
    public static let messageBytesMax = 4_096

    /// An error to end a call with.
    public init(
        _ code: StatusCode, _ message: String, details: [Detail] = [], trailers: Metadata = [:]
    ) {
        precondition(code != .ok, "OK is not an error")
        self.code = code
        self.message = message.clipped(toBytes: Self.messageBytesMax)
        self.details = details
        self.trailers = trailers
    }
}
