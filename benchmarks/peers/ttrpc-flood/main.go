// An open load of unary ttrpc calls: so many a second, whether or not the ones before were answered, and
// what became of them. A call counts from the instant it was due, also where the server did not read it.
//
//	ttrpc-flood HOST:PORT CA SERVICE METHOD REQUEST-FILE RATE SECONDS CONNECTIONS TOKEN
//
// Prints one JSON document: `sent`, `unanswered`, `seconds`, `late_ms` (how far the sender was behind at
// most), and by status code (0 is success) `count`, `delayed` (those that said when to try again), `p50_ms`,
// `p99_ms` and one `message`.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/ioutil"
	"log"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	headerBytes  = 10
	typeRequest  = 1
	typeResponse = 2
	readBuffer   = 64 << 10
	tick         = time.Millisecond
	drainMax     = 70 * time.Second
	retryInfo    = "google.rpc.RetryInfo"
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

// fields calls take for each field of a protobuf message: its number, and its varint or its bytes.
func fields(message []byte, take func(number int, value uint64, data []byte)) {
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 {
			log.Fatal("an answer that is no protobuf message")
		}
		value, m := binary.Uvarint(message[n:])
		if m <= 0 {
			log.Fatal("an answer that is no protobuf message")
		}
		message = message[n+m:]
		switch tag & 7 {
		case 0:
			take(int(tag>>3), value, nil)
		case 2:
			if value > uint64(len(message)) {
				log.Fatal("an answer that is no protobuf message")
			}
			take(int(tag>>3), 0, message[:value])
			message = message[value:]
		default:
			log.Fatalf("wire type %d in an answer", tag&7)
		}
	}
}

// status tells an answer's code, its message and whether it says when to try again.
func status(answer []byte) (code int, text string, delayed bool) {
	fields(answer, func(number int, _ uint64, data []byte) {
		if number != 1 {
			return
		}
		fields(data, func(number int, value uint64, data []byte) {
			switch number {
			case 1:
				code = int(value)
			case 2:
				text = string(data)
			case 3:
				fields(data, func(number int, _ uint64, data []byte) {
					delayed = delayed || number == 1 && strings.HasSuffix(string(data), retryInfo)
				})
			}
		})
	})
	return
}

type outcome struct {
	took    []int64
	delayed int
	message string
}

type flood struct {
	connection *tls.Conn
	reader     *bufio.Reader
	next       uint32
	first      uint32
	lock       sync.Mutex
	due        []time.Time
	late       time.Duration
	outcomes   map[int]*outcome
	answered   int
}

func (f *flood) receive() (uint32, []byte, error) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(f.reader, header[:]); err != nil {
		return 0, nil, err
	}
	message := make([]byte, binary.BigEndian.Uint32(header[0:]))
	if _, err := io.ReadFull(f.reader, message); err != nil {
		return 0, nil, err
	}
	if header[8] != typeResponse {
		log.Fatalf("a frame of type %d", header[8])
	}
	return binary.BigEndian.Uint32(header[4:]), message, nil
}

func (f *flood) authenticate(token string) {
	message := request("signalbox.v1.ServerService", "Authenticate", field(0x0a, []byte(token)))
	if _, err := f.connection.Write(frame(nil, f.next, message)); err != nil {
		log.Fatal(err)
	}
	f.next += 2
	_, answer, err := f.receive()
	if err != nil {
		log.Fatal(err)
	}
	if code, text, _ := status(answer); code != 0 {
		log.Fatal("the token was refused: ", text)
	}
	f.first = f.next
}

// send writes each call when it is due, those of one tick together.
func (f *flood) send(begin time.Time, every time.Duration, count int, message []byte) {
	var out []byte
	for sent := 0; sent < count; {
		now := time.Now()
		out = out[:0]
		f.lock.Lock()
		for sent < count {
			due := begin.Add(time.Duration(sent) * every)
			if due.After(now) {
				break
			}
			if now.Sub(due) > f.late {
				f.late = now.Sub(due)
			}
			out = frame(out, f.next, message)
			f.due = append(f.due, due)
			f.next += 2
			sent++
		}
		f.lock.Unlock()
		if len(out) == 0 {
			time.Sleep(tick)
		} else if _, err := f.connection.Write(out); err != nil {
			log.Fatal(err)
		}
	}
}

// collect takes answers until all have come or the deadline has passed.
func (f *flood) collect(count int) {
	for ; f.answered < count; f.answered++ {
		stream, answer, err := f.receive()
		if timeout, is := err.(interface{ Timeout() bool }); is && timeout.Timeout() {
			return
		}
		if err != nil {
			log.Fatal(err)
		}
		now := time.Now()
		f.lock.Lock()
		due := f.due[(stream-f.first)/2]
		f.lock.Unlock()
		code, text, delayed := status(answer)
		one := f.outcomes[code]
		if one == nil {
			one = &outcome{message: text}
			f.outcomes[code] = one
		}
		one.took = append(one.took, now.Sub(due).Microseconds())
		if delayed {
			one.delayed++
		}
	}
}

func dial(address string, pool *x509.CertPool, token string) *flood {
	connection, err := tls.Dial("tcp", address, &tls.Config{RootCAs: pool, NextProtos: []string{"ttrpc"}})
	if err != nil {
		log.Fatal(err)
	}
	one := &flood{connection: connection, reader: bufio.NewReaderSize(connection, readBuffer), next: 1,
		outcomes: map[int]*outcome{}}
	one.authenticate(token)
	return one
}

func main() {
	if len(os.Args) != 10 {
		log.Fatal("usage: ttrpc-flood HOST:PORT CA SERVICE METHOD REQUEST-FILE RATE SECONDS CONNECTIONS TOKEN")
	}
	pem, err := ioutil.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	payload, err := ioutil.ReadFile(os.Args[5])
	if err != nil {
		log.Fatal(err)
	}
	rate, seconds, connections := number(os.Args[6]), number(os.Args[7]), number(os.Args[8])
	message := request(os.Args[3], os.Args[4], payload)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	var floods []*flood
	for n := 0; n < connections; n++ {
		floods = append(floods, dial(os.Args[1], pool, os.Args[9]))
	}
	share := rate * seconds / connections
	every := time.Duration(float64(connections) / float64(rate) * float64(time.Second))
	begin := time.Now()
	var all sync.WaitGroup
	for n, one := range floods {
		deadline := begin.Add(time.Duration(seconds)*time.Second + drainMax)
		if err := one.connection.SetDeadline(deadline); err != nil {
			log.Fatal(err)
		}
		all.Add(2)
		// Connections take turns within a tick of theirs.
		first := begin.Add(every * time.Duration(n) / time.Duration(connections))
		go func(one *flood) { defer all.Done(); one.send(first, every, share, message) }(one)
		go func(one *flood) { defer all.Done(); one.collect(share) }(one)
	}
	all.Wait()
	took := time.Since(begin).Seconds()
	answered, late := 0, time.Duration(0)
	total := map[int]*outcome{}
	for _, one := range floods {
		answered += one.answered
		if one.late > late {
			late = one.late
		}
		for code, found := range one.outcomes {
			if total[code] == nil {
				total[code] = &outcome{message: found.message}
			}
			total[code].took = append(total[code].took, found.took...)
			total[code].delayed += found.delayed
		}
	}
	codes := map[string]interface{}{}
	for code, one := range total {
		sort.Slice(one.took, func(a, b int) bool { return one.took[a] < one.took[b] })
		codes[strconv.Itoa(code)] = map[string]interface{}{
			"count": len(one.took), "delayed": one.delayed, "message": one.message,
			"p50_ms": float64(one.took[len(one.took)/2]) / 1e3,
			"p99_ms": float64(one.took[len(one.took)*99/100]) / 1e3}
	}
	document, err := json.Marshal(map[string]interface{}{
		"sent": share * connections, "unanswered": share*connections - answered, "seconds": took,
		"late_ms": float64(late.Microseconds()) / 1e3, "codes": codes})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(document))
}
