// A load of unary ttrpc calls from the stock Go client (ttrpc 1.1.1) over TLS.
//
//	ttrpc-load HOST:PORT CA SERVICE METHOD REQUEST-FILE CALLS CONNECTIONS CALLERS [TOKEN]
//
// Prints one line: calls, failed calls, seconds, p50 and p99 in microseconds.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/ioutil"
	"log"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/containerd/ttrpc"
)

// raw is a message that is its own wire form; ttrpc marshals through gogo's interfaces.
type raw struct{ data []byte }

func (r *raw) Reset()                      { r.data = r.data[:0] }
func (r *raw) String() string              { return fmt.Sprint(len(r.data), " bytes") }
func (r *raw) ProtoMessage()               {}
func (r *raw) Marshal() ([]byte, error)    { return r.data, nil }
func (r *raw) Unmarshal(data []byte) error { r.data = append(r.data[:0], data...); return nil }

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	if len(os.Args) < 9 {
		log.Fatal("usage: ttrpc-load HOST:PORT CA SERVICE METHOD REQUEST-FILE CALLS CONNECTIONS CALLERS [TOKEN]")
	}
	address, service, method := os.Args[1], os.Args[3], os.Args[4]
	pem, err := ioutil.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	request, err := ioutil.ReadFile(os.Args[5])
	if err != nil {
		log.Fatal(err)
	}
	calls, connections, callers := number(os.Args[6]), number(os.Args[7]), number(os.Args[8])
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	var clients []*ttrpc.Client
	for n := 0; n < connections; n++ {
		connection, err := tls.Dial("tcp", address, &tls.Config{RootCAs: pool, NextProtos: []string{"ttrpc"}})
		if err != nil {
			log.Fatal(err)
		}
		client := ttrpc.NewClient(connection)
		if len(os.Args) > 9 {
			token := []byte(os.Args[9])
			body := append([]byte{0x0a, byte(len(token))}, token...)
			err := client.Call(context.Background(), "signalbox.v1.ServerService", "Authenticate", &raw{body}, &raw{})
			if err != nil {
				log.Fatal(err)
			}
		}
		clients = append(clients, client)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	var next, failed int64
	took := make([]int64, calls)
	var all sync.WaitGroup
	begin := time.Now()
	for n := 0; n < callers; n++ {
		all.Add(1)
		go func(client *ttrpc.Client) {
			defer all.Done()
			message, answer := &raw{request}, &raw{}
			for {
				at := atomic.AddInt64(&next, 1) - 1
				if at >= int64(calls) {
					return
				}
				started := time.Now()
				if err := client.Call(ctx, service, method, message, answer); err != nil {
					if atomic.AddInt64(&failed, 1) == 1 {
						log.Print(err)
					}
				}
				took[at] = time.Since(started).Microseconds()
			}
		}(clients[n%connections])
	}
	all.Wait()
	seconds := time.Since(begin).Seconds()
	sort.Slice(took, func(a, b int) bool { return took[a] < took[b] })
	fmt.Printf("%d %d %.6f %d %d\n", calls, failed, seconds, took[calls/2], took[calls*99/100])
}
