// The grpc-c++ peer: grpc.testing.TestService's unary calls over TLS, on the callback API.
//
//   cpp-echo CERTIFICATE KEY      prints "listening on HOST:PORT"
#include <fstream>
#include <iostream>
#include <sstream>

#include <grpcpp/grpcpp.h>

#include "echo.grpc.pb.h"

using grpc::testing::Empty;
using grpc::testing::SimpleRequest;
using grpc::testing::SimpleResponse;

class Service final : public grpc::testing::TestService::CallbackService {
    grpc::ServerUnaryReactor *EmptyCall(
        grpc::CallbackServerContext *context, const Empty *, Empty *) override {
        auto *reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }

    grpc::ServerUnaryReactor *UnaryCall(
        grpc::CallbackServerContext *context, const SimpleRequest *request,
        SimpleResponse *response) override {
        response->mutable_payload()->mutable_body()->resize(request->response_size());
        auto *reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }
};

static std::string contents(const char *file) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

int main(int count, char **arguments) {
    if (count != 3) return 2;
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back({contents(arguments[2]), contents(arguments[1])});
    Service service;
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
    builder.RegisterService(&service);
    auto server = builder.BuildAndStart();
    if (!server) return 1;
    std::cout << "listening on 127.0.0.1:" << port << std::endl;
    server->Wait();
}
