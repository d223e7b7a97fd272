// A stock Go gRPC client (Debian's golang-google-grpc-dev, stubs generated from proto/) over TLS.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"clients/cases"
	pb "signalbox/v1"

	"github.com/golang/protobuf/ptypes/duration"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const callTime = 20 * time.Second

var minute = &duration.Duration{Seconds: 60}

func timed() context.Context {
	// Each call is short and the program ends soon: the timer is all that is leaked.
	ctx, _ := context.WithTimeout(context.Background(), callTime) //nolint
	return metadata.AppendToOutgoingContext(
		ctx, "authorization", "Bearer "+os.Getenv("SIGNALBOX_TOKEN"))
}

type client struct {
	executions pb.ExecutionServiceClient
	workflows  pb.WorkflowServiceClient
	server     pb.ServerServiceClient
}

func (c client) trigger(workflow, input string) (*pb.Execution, error) {
	answer, err := c.executions.Trigger(timed(), &pb.TriggerRequest{
		WorkflowId: workflow, InputJson: input, Wait: minute})
	if err != nil {
		return nil, err
	}
	return answer.Execution, nil
}

func (c client) watch(id string, after int64) ([]*pb.ExecutionEvent, error) {
	stream, err := c.executions.Watch(timed(), &pb.WatchRequest{ExecutionId: id, AfterSequence: after})
	if err != nil {
		return nil, err
	}
	var events []*pb.ExecutionEvent
	for {
		batch, err := stream.Recv()
		if err == io.EOF {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		events = append(events, batch.Events...)
	}
}

func gapless(events []*pb.ExecutionEvent, after int64) error {
	for index, event := range events {
		if event.Sequence != after+int64(index)+1 {
			return fmt.Errorf("event %d has sequence %d", after+int64(index)+1, event.Sequence)
		}
	}
	return nil
}

func main() {
	config, err := cases.TLS("h2")
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	connection, err := grpc.DialContext(ctx, os.Getenv("SIGNALBOX_SERVER"),
		grpc.WithTransportCredentials(credentials.NewTLS(config)), grpc.WithBlock())
	if err != nil {
		log.Fatal(err)
	}
	c := client{pb.NewExecutionServiceClient(connection), pb.NewWorkflowServiceClient(connection),
		pb.NewServerServiceClient(connection)}
	for _, name := range cases.Names {
		text, err := cases.Fixture(name)
		if err == nil {
			_, err = c.workflows.Put(timed(), &pb.PutWorkflowRequest{DefinitionJson: text})
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	cases.Run("go grpc", c.all())
}

func (c client) all() []cases.Case {
	return []cases.Case{
		{"GetInfo names the caller", func() error {
			info, err := c.server.GetInfo(timed(), &pb.GetInfoRequest{})
			if err != nil {
				return err
			}
			return cases.Equal("role", info.GetPrincipal().GetRole(), pb.Role_ROLE_ADMIN)
		}},
		{"a call without a token is UNAUTHENTICATED", func() error {
			ctx, cancel := context.WithTimeout(context.Background(), callTime)
			defer cancel()
			_, err := c.executions.List(ctx, &pb.ListExecutionsRequest{})
			return cases.Refused(err, codes.Unauthenticated, "")
		}},
		{"Trigger with wait runs the workflow and returns its output", func() error {
			made, err := c.trigger("echo", `{"text": "hello"}`)
			if err != nil {
				return err
			}
			return cases.First(
				cases.Equal("status", made.Status, pb.ExecutionStatus_EXECUTION_STATUS_COMPLETED),
				cases.Equal("output", made.OutputJson, `{"said":"hello"}`))
		}},
		{"Get FULL has payloads and nodes, BASIC has neither", func() error {
			made, err := c.trigger("echo", `{"text": "hello"}`)
			if err != nil {
				return err
			}
			basic, err := c.executions.Get(timed(), &pb.GetExecutionRequest{
				ExecutionId: fmt.Sprint(made.Number), View: pb.ExecutionView_EXECUTION_VIEW_BASIC})
			if err != nil {
				return err
			}
			full, err := c.executions.Get(timed(), &pb.GetExecutionRequest{
				ExecutionId: made.Id, View: pb.ExecutionView_EXECUTION_VIEW_FULL})
			if err != nil {
				return err
			}
			return cases.First(
				cases.Equal("id", basic.Id, full.Id),
				cases.Equal("BASIC input", basic.InputJson, ""),
				cases.Equal("BASIC nodes", len(basic.NodeExecutions), 0),
				cases.Equal("FULL input", full.InputJson, `{"text": "hello"}`),
				cases.Equal("FULL nodes", len(full.NodeExecutions), 4))
		}},
		{"List and Count agree", func() error {
			if _, err := c.trigger("failing", ""); err != nil {
				return err
			}
			filter := &pb.ExecutionFilter{WorkflowIds: []string{"failing"}}
			count, err := c.executions.Count(timed(), &pb.CountExecutionsRequest{Filter: filter})
			if err != nil {
				return err
			}
			found, token := 0, ""
			for page := 0; page == 0 || token != ""; page++ {
				answer, err := c.executions.List(timed(), &pb.ListExecutionsRequest{
					Filter: filter, PageSize: 1, PageToken: token})
				if err != nil {
					return err
				}
				found, token = found+len(answer.Executions), answer.NextPageToken
			}
			return cases.Equal("listed", found, count.Count)
		}},
		{"Watch from 0 gives every event once and in order, and from n the rest", func() error {
			made, err := c.trigger("three-noops", "")
			if err != nil {
				return err
			}
			all, err := c.watch(made.Id, 0)
			if err != nil {
				return err
			}
			rest, err := c.watch(made.Id, 5)
			if err != nil {
				return err
			}
			same := len(rest) == len(all)-5
			for index, event := range rest {
				same = same && cases.Same(event, all[index+5])
			}
			return cases.First(gapless(all, 0), gapless(rest, 5), cases.Equal("the rest", same, true),
				cases.Equal("events", len(all), made.LastSequence),
				cases.Equal("the last is final", all[len(all)-1].GetExecutionCompleted() != nil, true))
		}},
		{"Watch beyond the end is OUT_OF_RANGE", func() error {
			made, err := c.trigger("three-noops", "")
			if err != nil {
				return err
			}
			_, err = c.watch(made.Id, made.LastSequence+1)
			return cases.Refused(err, codes.OutOfRange, "")
		}},
		{"Respond lets a suspended execution through, once", func() error {
			made, err := c.trigger("approval", "")
			if err != nil {
				return err
			}
			request := &pb.RespondRequest{ExecutionId: made.Id, InterruptId: made.Interrupts[0].Id,
				Decision: pb.Decision_DECISION_APPROVE}
			if _, err := c.executions.Respond(timed(), request); err != nil {
				return err
			}
			events, err := c.watch(made.Id, 0)
			if err != nil {
				return err
			}
			_, err = c.executions.Respond(timed(), request)
			return cases.First(gapless(events, 0), cases.Refused(err, codes.FailedPrecondition, ""))
		}},
		{"Cancel, Replay and Delete do what they say", func() error {
			made, err := c.trigger("approval", "")
			if err != nil {
				return err
			}
			_, early := c.executions.Replay(timed(), &pb.ReplayRequest{ExecutionId: made.Id})
			ended, err := c.executions.Cancel(timed(), &pb.CancelExecutionRequest{ExecutionId: made.Id})
			if err != nil {
				return err
			}
			_, late := c.executions.Cancel(timed(), &pb.CancelExecutionRequest{ExecutionId: made.Id})
			again, err := c.executions.Replay(timed(), &pb.ReplayRequest{ExecutionId: made.Id})
			if err != nil {
				return err
			}
			if _, err := c.executions.Cancel(timed(), &pb.CancelExecutionRequest{ExecutionId: again.Id}); err != nil {
				return err
			}
			if _, err := c.executions.Delete(timed(), &pb.DeleteExecutionRequest{ExecutionId: again.Id}); err != nil {
				return err
			}
			_, gone := c.executions.Get(timed(), &pb.GetExecutionRequest{ExecutionId: again.Id})
			return cases.First(
				cases.Refused(early, codes.FailedPrecondition, "EXECUTION_NOT_FINAL"),
				cases.Equal("status", ended.Status, pb.ExecutionStatus_EXECUTION_STATUS_CANCELLED),
				cases.Refused(late, codes.FailedPrecondition, "EXECUTION_FINAL"),
				cases.Equal("source", again.SourceId, made.Id),
				cases.Refused(gone, codes.NotFound, ""))
		}},
		{"bad input is INVALID_ARGUMENT and an unknown workflow NOT_FOUND", func() error {
			_, bad := c.trigger("echo", `{"text": 5}`)
			_, unknown := c.trigger("no-such-workflow", "")
			return cases.First(cases.Refused(bad, codes.InvalidArgument, ""),
				cases.Refused(unknown, codes.NotFound, ""))
		}},
		{"a deadline is kept", func() error {
			ctx, cancel := context.WithTimeout(timed(), 300*time.Millisecond)
			defer cancel()
			_, err := c.executions.Trigger(ctx, &pb.TriggerRequest{WorkflowId: "long-wait", Wait: minute})
			return cases.Equal("code", status.Code(err), codes.DeadlineExceeded)
		}},
		{"gzip is understood both ways", func() error {
			info, err := c.server.GetInfo(timed(), &pb.GetInfoRequest{}, grpc.UseCompressor(gzip.Name))
			if err != nil {
				return err
			}
			return cases.Equal("role", info.Principal.Role, pb.Role_ROLE_ADMIN)
		}},
		{"500 calls at once on one connection are all answered", func() error {
			errors := make(chan error, 500)
			for n := 0; n < cap(errors); n++ {
				go func(n int) {
					made, err := c.trigger("echo", fmt.Sprintf(`{"text": "%d"}`, n))
					if err == nil {
						err = cases.Equal("output", made.OutputJson, fmt.Sprintf(`{"said":"%d"}`, n))
					}
					errors <- err
				}(n)
			}
			var first error
			for n := 0; n < cap(errors); n++ {
				first = cases.First(first, <-errors)
			}
			return first
		}},
	}
}
