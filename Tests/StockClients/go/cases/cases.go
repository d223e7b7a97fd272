// Package cases runs named checks one after another, counts them, and knows how to reach the server.
package cases

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/ioutil"
	"os"
	"path/filepath"

	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/protoc-gen-go/descriptor"
	"github.com/golang/protobuf/ptypes"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Case is one test; its name is the sentence it proves.
type Case struct {
	Sentence string
	Run      func() error
}

// Names of the fixture workflows that every client uses.
var Names = []string{"three-noops", "echo", "approval", "question", "long-wait", "failing"}

// Run runs all cases, each on its own, prints the counting line and ends the process.
func Run(title string, all []Case) {
	failed := 0
	for _, one := range all {
		if err := one.Run(); err != nil {
			failed++
			fmt.Printf("  FAILED  %s\n    %v\n", one.Sentence, err)
		} else {
			fmt.Printf("  ok      %s\n", one.Sentence)
		}
	}
	fmt.Printf("%s: %d passed, %d failed\n", title, len(all)-failed, failed)
	if failed > 0 {
		os.Exit(1)
	}
	os.Exit(0)
}

// Equal returns an error unless both print alike.
func Equal(what string, found, expected interface{}) error {
	if fmt.Sprint(found) != fmt.Sprint(expected) {
		return fmt.Errorf("%s: expected %v, found %v", what, expected, found)
	}
	return nil
}

// First returns the first error there is.
func First(errors ...error) error {
	for _, err := range errors {
		if err != nil {
			return err
		}
	}
	return nil
}

// Refused checks that err is a status of that code with one ErrorInfo of ours.
func Refused(err error, code codes.Code, reason string) error {
	if err == nil {
		return fmt.Errorf("expected %v, but the call succeeded", code)
	}
	found, ok := status.FromError(err)
	if !ok || found.Code() != code {
		return fmt.Errorf("expected %v, found %v", code, err)
	}
	if found.Message() == "" {
		return fmt.Errorf("%v came without a message", code)
	}
	for _, detail := range found.Proto().Details {
		info := &errdetails.ErrorInfo{}
		if ptypes.UnmarshalAny(detail, info) == nil {
			if info.Domain != "signalbox" || info.Reason == "" || (reason != "" && info.Reason != reason) {
				return fmt.Errorf("expected an ErrorInfo of signalbox with reason %q, found %v", reason, info)
			}
			return nil
		}
	}
	return fmt.Errorf("%v came without ErrorInfo: %v", code, found.Proto().Details)
}

// TLS returns a configuration that trusts the development authority and offers these protocols.
func TLS(protocols ...string) (*tls.Config, error) {
	ca, err := ioutil.ReadFile(os.Getenv("SIGNALBOX_CA"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("no certificate in %s", os.Getenv("SIGNALBOX_CA"))
	}
	return &tls.Config{RootCAs: pool, NextProtos: protocols}, nil
}

// Fixture returns the text of a fixture workflow; the folder is the program's argument.
func Fixture(name string) (string, error) {
	if len(os.Args) != 2 {
		return "", fmt.Errorf("usage: %s WORKFLOW-FOLDER", os.Args[0])
	}
	text, err := ioutil.ReadFile(filepath.Join(os.Args[1], name+".json"))
	return string(text), err
}

// UnaryMethods lists the methods without streams, as Service/Method, of generated files.
func UnaryMethods(files ...string) ([]string, error) {
	var found []string
	for _, name := range files {
		packed, err := gzip.NewReader(bytes.NewReader(proto.FileDescriptor(name)))
		if err != nil {
			return nil, fmt.Errorf("%s: %v", name, err)
		}
		data, err := ioutil.ReadAll(packed)
		if err != nil {
			return nil, fmt.Errorf("%s: %v", name, err)
		}
		file := &descriptor.FileDescriptorProto{}
		if err := proto.Unmarshal(data, file); err != nil {
			return nil, fmt.Errorf("%s: %v", name, err)
		}
		for _, service := range file.Service {
			for _, method := range service.Method {
				if !method.GetClientStreaming() && !method.GetServerStreaming() {
					found = append(found, service.GetName()+"/"+method.GetName())
				}
			}
		}
	}
	return found, nil
}

// Same tells whether two messages have the same wire form.
func Same(a, b proto.Message) bool {
	left, leftError := proto.Marshal(a)
	right, rightError := proto.Marshal(b)
	return leftError == nil && rightError == nil && bytes.Equal(left, right)
}
