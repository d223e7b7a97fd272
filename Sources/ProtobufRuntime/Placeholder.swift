// ProtobufRuntime
