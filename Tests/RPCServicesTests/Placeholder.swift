// RPCServicesTests
