// A stock Go ttrpc client with streams (ttrpc 1.2 of the next Debian release) watches executions
// over TLS with stubs generated from proto/. Its streams carry no metadata and no timeout, so the
// connection authenticates.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"sync"
	"time"

	pb "signalbox/v1"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

const callTime = 20 * time.Second

type client struct {
	executions pb.ExecutionServiceClient
	workflows  pb.WorkflowServiceService
}

func dial() (client, error) {
	pem, err := os.ReadFile(os.Getenv("SIGNALBOX_CA"))
	if err != nil {
		return client{}, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return client{}, errors.New("no certificate in SIGNALBOX_CA")
	}
	connection, err := tls.Dial("tcp", os.Getenv("SIGNALBOX_SERVER"),
		&tls.Config{RootCAs: pool, NextProtos: []string{"ttrpc"}})
	if err != nil {
		return client{}, err
	}
	channel := ttrpc.NewClient(connection)
	c := client{pb.NewExecutionServiceClient(channel), pb.NewWorkflowServiceClient(channel)}
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	_, err = pb.NewServerServiceClient(channel).Authenticate(
		ctx, &pb.AuthenticateRequest{Token: os.Getenv("SIGNALBOX_TOKEN")})
	return c, err
}

func (c client) put(definition string) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	_, err := c.workflows.Put(ctx, &pb.PutWorkflowRequest{DefinitionJson: definition})
	return err
}

func (c client) trigger(workflow string) (*pb.Execution, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	answer, err := c.executions.Trigger(ctx, &pb.TriggerRequest{
		WorkflowId: workflow, Wait: durationpb.New(time.Minute)})
	if err != nil {
		return nil, err
	}
	return answer.Execution, nil
}

// watch collects a stream to its end; `each` sees every event as it comes.
func (c client) watch(id string, after int64, each func(*pb.ExecutionEvent)) ([]*pb.ExecutionEvent, error) {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	stream, err := c.executions.Watch(ctx, &pb.WatchRequest{ExecutionId: id, AfterSequence: after})
	if err != nil {
		return nil, err
	}
	var events []*pb.ExecutionEvent
	for {
		batch, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		for _, event := range batch.Events {
			if expected := after + int64(len(events)) + 1; event.Sequence != expected {
				return events, fmt.Errorf("expected sequence %d, found %d", expected, event.Sequence)
			}
			events = append(events, event)
			each(event)
		}
	}
}

// approve answers the only open interrupt. A watcher calls it in a goroutine of its own: this client
// reads no other frame while a stream's second message waits to be taken.
func (c client) approve(id string) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	_, err := c.executions.Respond(ctx, &pb.RespondRequest{
		ExecutionId: id, Decision: pb.Decision_DECISION_APPROVE})
	return err
}

func nothing(*pb.ExecutionEvent) {}

func main() {
	c, err := dial()
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"three-noops", "approval"} {
		text, err := os.ReadFile(filepath.Join(os.Args[1], name+".json"))
		if err != nil {
			log.Fatal(err)
		}
		if err := c.put(string(text)); err != nil {
			log.Fatal(err)
		}
	}
	cases := []struct {
		sentence string
		run      func() error
	}{
		{"Watch from 0 gives every event once and in order, and from n the rest", c.finished},
		{"Watch beyond the end is OUT_OF_RANGE, of nobody NOT_FOUND", c.refused},
		{"a live watcher sees the interrupt, the answer and the end", c.live},
		{"100 watchers on one connection all see everything", c.many},
	}
	failed := 0
	for _, one := range cases {
		if err := one.run(); err != nil {
			failed++
			fmt.Printf("  FAILED  %s\n    %v\n", one.sentence, err)
		} else {
			fmt.Printf("  ok      %s\n", one.sentence)
		}
	}
	fmt.Printf("go ttrpc 1.2 streams: %d passed, %d failed\n", len(cases)-failed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

func (c client) finished() error {
	made, err := c.trigger("three-noops")
	if err != nil {
		return err
	}
	all, err := c.watch(made.Id, 0, nothing)
	if err != nil {
		return err
	}
	if int64(len(all)) != made.LastSequence || all[len(all)-1].GetExecutionCompleted() == nil {
		return fmt.Errorf("expected %d events to the completion, found %d", made.LastSequence, len(all))
	}
	rest, err := c.watch(made.Id, 3, nothing)
	if err != nil {
		return err
	}
	if len(rest) != len(all)-3 {
		return fmt.Errorf("expected %d events after the third, found %d", len(all)-3, len(rest))
	}
	return nil
}

func (c client) refused() error {
	made, err := c.trigger("three-noops")
	if err != nil {
		return err
	}
	if _, err := c.watch(made.Id, made.LastSequence+1, nothing); status.Code(err) != codes.OutOfRange {
		return fmt.Errorf("expected OUT_OF_RANGE, found %v", err)
	}
	if _, err := c.watch("nobody", 0, nothing); status.Code(err) != codes.NotFound {
		return fmt.Errorf("expected NOT_FOUND, found %v", err)
	}
	return nil
}

func (c client) live() error {
	made, err := c.trigger("approval")
	if err != nil {
		return err
	}
	answered := make(chan error, 1)
	asked, closed := false, false
	_, err = c.watch(made.Id, 0, func(event *pb.ExecutionEvent) {
		if event.GetExecutionSuspended() != nil && !asked {
			asked = true
			go func() { answered <- c.approve(made.Id) }()
		}
		closed = closed || event.GetInterruptClosed() != nil
	})
	if err == nil && !closed {
		err = errors.New("the stream ended without the answer")
	}
	if asked {
		err = errors.Join(err, <-answered)
	}
	return err
}

func (c client) many() error {
	made, err := c.trigger("approval")
	if err != nil {
		return err
	}
	const watchers = 100
	failures := make(chan error, watchers)
	var opened sync.WaitGroup
	opened.Add(watchers)
	for n := 0; n < watchers; n++ {
		go func() {
			var once sync.Once
			events, err := c.watch(made.Id, 0, func(event *pb.ExecutionEvent) {
				if event.GetExecutionSuspended() != nil {
					once.Do(opened.Done)
				}
			})
			once.Do(opened.Done)
			if err == nil && (len(events) == 0 || events[len(events)-1].GetExecutionCompleted() == nil) {
				err = errors.New("the stream ended before the completion")
			}
			failures <- err
		}()
	}
	opened.Wait()
	if err := c.approve(made.Id); err != nil {
		return err
	}
	var all error
	for n := 0; n < watchers; n++ {
		all = errors.Join(all, <-failures)
	}
	return all
}
