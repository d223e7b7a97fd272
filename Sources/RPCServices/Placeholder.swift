// RPCServices
