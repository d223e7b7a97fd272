// The grpc-go peer: grpc.testing.TestService's unary calls over TLS.
//
//	go-echo CERTIFICATE KEY      prints "listening on HOST:PORT"
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"

	pb "echo"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
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

func main() {
	keys, err := credentials.NewServerTLSFromFile(os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.Creds(keys))
	pb.RegisterTestServiceServer(server, service{})
	fmt.Println("listening on", listener.Addr())
	log.Fatal(server.Serve(listener))
}
