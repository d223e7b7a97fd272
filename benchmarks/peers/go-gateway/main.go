// The grpc-gateway peer: UnaryCall over gRPC, and as JSON at /v1/echo through grpc-gateway, whose client
// calls the same server over loopback, in one process. Both over TLS.
//
//	go-gateway CERTIFICATE KEY      prints "listening on HOST:PORT"
package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"

	pb "echo"

	"github.com/grpc-ecosystem/grpc-gateway/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/utilities"
	"google.golang.org/grpc"
)

type service struct {
	pb.UnimplementedTestServiceServer
}

func (service) EmptyCall(context.Context, *pb.Empty) (*pb.Empty, error) {
	return &pb.Empty{}, nil
}

func (service) UnaryCall(_ context.Context, request *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	return &pb.SimpleResponse{Payload: &pb.Payload{Body: make([]byte, request.ResponseSize)}}, nil
}

// What protoc-gen-grpc-gateway writes for a POST whose body is the request.
func register(mux *runtime.ServeMux, client pb.TestServiceClient) {
	pattern := runtime.MustPattern(runtime.NewPattern(
		1, []int{int(utilities.OpLitPush), 0, int(utilities.OpLitPush), 1}, []string{"v1", "echo"}, ""))
	mux.Handle("POST", pattern, func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		inbound, outbound := runtime.MarshalerForRequest(mux, r)
		ctx, err := runtime.AnnotateContext(r.Context(), mux, r)
		if err != nil {
			runtime.HTTPError(ctx, mux, outbound, w, r, err)
			return
		}
		var request pb.SimpleRequest
		if err := inbound.NewDecoder(r.Body).Decode(&request); err != nil {
			runtime.HTTPError(ctx, mux, outbound, w, r, err)
			return
		}
		answer, err := client.UnaryCall(ctx, &request)
		if err != nil {
			runtime.HTTPError(ctx, mux, outbound, w, r, err)
			return
		}
		runtime.ForwardResponseMessage(ctx, mux, outbound, w, r, answer)
	})
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func main() {
	pair, err := tls.LoadX509KeyPair(os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	pb.RegisterTestServiceServer(server, service{})
	inner, outer := listen(), listen()
	go func() { log.Fatal(server.Serve(inner)) }()
	connection, err := grpc.Dial(inner.Addr().String(), grpc.WithInsecure())
	if err != nil {
		log.Fatal(err)
	}
	mux := runtime.NewServeMux()
	register(mux, pb.NewTestServiceClient(connection))
	both := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			server.ServeHTTP(w, r)
		} else {
			mux.ServeHTTP(w, r)
		}
	})
	fmt.Println("listening on", outer.Addr())
	web := &http.Server{Handler: both, TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2"}}}
	log.Fatal(web.ServeTLS(outer, "", ""))
}
