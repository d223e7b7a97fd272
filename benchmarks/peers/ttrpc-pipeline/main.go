// A load of unary ttrpc calls that writes as h2load does: each connection keeps a number of calls open
// and answers a read of k responses with one write of k requests. The stock client (../ttrpc-load)
// writes each call by itself, which costs the server a read and a write for each.
//
//	ttrpc-pipeline HOST:PORT CA SERVICE METHOD REQUEST-FILE CALLS CONNECTIONS CALLERS [TOKEN]
//
// Prints one line: calls, failed calls, seconds, p50 and p99 in microseconds.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"io/ioutil"
	"log"
	"os"
	"sort"
	"strconv"
	"sync"
	"time"
)

const (
	headerBytes   = 10
	typeRequest   = 1
	typeResponse  = 2
	statusField   = 0x0a
	callBound     = 5 * time.Minute
	readBufferMax = 64 << 10
)

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func field(tag byte, data []byte) []byte {
	var length [binary.MaxVarintLen64]byte
	out := append([]byte{tag}, length[:binary.PutUvarint(length[:], uint64(len(data)))]...)
	return append(out, data...)
}

func request(service, method string, payload []byte) []byte {
	out := append(field(0x0a, []byte(service)), field(0x12, []byte(method))...)
	return append(out, field(0x1a, payload)...)
}

func frame(out []byte, stream uint32, message []byte) []byte {
	var header [headerBytes]byte
	binary.BigEndian.PutUint32(header[0:], uint32(len(message)))
	binary.BigEndian.PutUint32(header[4:], stream)
	header[8] = typeRequest
	return append(append(out, header[:]...), message...)
}

type load struct {
	connection *tls.Conn
	reader     *bufio.Reader
	next       uint32
	failed     int
	took       []int64
}

// receive takes one response and tells its stream and whether it succeeded.
func (l *load) receive() (uint32, bool) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(l.reader, header[:]); err != nil {
		log.Fatal(err)
	}
	message := make([]byte, binary.BigEndian.Uint32(header[0:]))
	if _, err := io.ReadFull(l.reader, message); err != nil {
		log.Fatal(err)
	}
	// A non-empty status is an error; an empty one is OK.
	failed := header[8] != typeResponse || (len(message) > 1 && message[0] == statusField && message[1] != 0)
	return binary.BigEndian.Uint32(header[4:]), !failed
}

func (l *load) authenticate(token string) {
	message := request("signalbox.v1.ServerService", "Authenticate", field(0x0a, []byte(token)))
	if _, err := l.connection.Write(frame(nil, l.next, message)); err != nil {
		log.Fatal(err)
	}
	l.next += 2
	if _, ok := l.receive(); !ok {
		log.Fatal("the token was refused")
	}
}

func (l *load) run(calls, window int, message []byte) {
	began := make(map[uint32]time.Time, window)
	var out []byte
	sent, received := 0, 0
	for free := window; received < calls; {
		out = out[:0]
		now := time.Now()
		for ; free > 0 && sent < calls; free, sent = free-1, sent+1 {
			out = frame(out, l.next, message)
			began[l.next] = now
			l.next += 2
		}
		if len(out) > 0 {
			if _, err := l.connection.Write(out); err != nil {
				log.Fatal(err)
			}
		}
		// One blocking read, then whatever came with it.
		for first := true; first || l.reader.Buffered() >= headerBytes; first = false {
			stream, ok := l.receive()
			if !ok {
				l.failed++
			}
			l.took = append(l.took, time.Since(began[stream]).Microseconds())
			delete(began, stream)
			received, free = received+1, free+1
			if received == calls {
				break
			}
		}
	}
}

func main() {
	if len(os.Args) < 9 {
		log.Fatal("usage: ttrpc-pipeline HOST:PORT CA SERVICE METHOD REQUEST-FILE CALLS CONNECTIONS CALLERS [TOKEN]")
	}
	pem, err := ioutil.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	payload, err := ioutil.ReadFile(os.Args[5])
	if err != nil {
		log.Fatal(err)
	}
	calls, connections, callers := number(os.Args[6]), number(os.Args[7]), number(os.Args[8])
	message := request(os.Args[3], os.Args[4], payload)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	var loads []*load
	for n := 0; n < connections; n++ {
		connection, err := tls.Dial("tcp", os.Args[1], &tls.Config{RootCAs: pool, NextProtos: []string{"ttrpc"}})
		if err != nil {
			log.Fatal(err)
		}
		if err := connection.SetDeadline(time.Now().Add(callBound)); err != nil {
			log.Fatal(err)
		}
		one := &load{connection: connection, reader: bufio.NewReaderSize(connection, readBufferMax), next: 1}
		if len(os.Args) > 9 {
			one.authenticate(os.Args[9])
		}
		loads = append(loads, one)
	}
	begin := time.Now()
	var all sync.WaitGroup
	for n, one := range loads {
		all.Add(1)
		share := calls / connections
		if n < calls%connections {
			share++
		}
		go func(one *load, share int) {
			defer all.Done()
			one.run(share, callers/connections, message)
		}(one, share)
	}
	all.Wait()
	seconds := time.Since(begin).Seconds()
	var took []int64
	failed := 0
	for _, one := range loads {
		took, failed = append(took, one.took...), failed+one.failed
	}
	sort.Slice(took, func(a, b int) bool { return took[a] < took[b] })
	fmt.Printf("%d %d %.6f %d %d\n", len(took), failed, seconds, took[len(took)/2], took[len(took)*99/100])
}
