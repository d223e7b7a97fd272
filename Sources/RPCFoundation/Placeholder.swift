// RPCFoundation
