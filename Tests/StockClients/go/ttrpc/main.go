// A stock Go ttrpc client (Debian's golang-github-containerd-ttrpc-dev 1.1.1) over TLS: every unary
// call of ExecutionService, WorkflowService and ServerService; ../../python/ttrpc_frames.py makes those of
// the other services. ttrpc 1.1.1 has no streams; ../../ttrpc-watch covers Watch.
package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"os"
	"sync"
	"time"

	"clients/cases"
	pb "signalbox/v1"

	"github.com/containerd/ttrpc"
	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes/duration"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const callTime = 20 * time.Second

var minute = &duration.Duration{Seconds: 60}

// called holds the name of every method that was called so far.
var called sync.Map

type client struct{ ttrpc *ttrpc.Client }

func dial(protocols ...string) (client, error) {
	config, err := cases.TLS(protocols...)
	if err != nil {
		return client{}, err
	}
	connection, err := tls.Dial("tcp", os.Getenv("SIGNALBOX_SERVER"), config)
	if err != nil {
		return client{}, err
	}
	return client{ttrpc.NewClient(connection)}, nil
}

// call is what a generated stub does: one method by name.
func (c client) call(service, method string, request, answer proto.Message) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTime)
	defer cancel()
	called.Store(service+"/"+method, true)
	return c.ttrpc.Call(ctx, "signalbox.v1."+service, method, request, answer)
}

func (c client) execution(method string, request proto.Message) (*pb.Execution, error) {
	answer := &pb.Execution{}
	return answer, c.call("ExecutionService", method, request, answer)
}

func (c client) trigger(workflow, input string) (*pb.Execution, error) {
	answer := &pb.TriggerResponse{}
	err := c.call("ExecutionService", "Trigger", &pb.TriggerRequest{
		WorkflowId: workflow, InputJson: input, Wait: minute}, answer)
	return answer.Execution, err
}

func (c client) get(id string, view pb.ExecutionView) (*pb.Execution, error) {
	return c.execution("Get", &pb.GetExecutionRequest{ExecutionId: id, View: view})
}

func (c client) authenticate(token string) (*pb.AuthenticateResponse, error) {
	answer := &pb.AuthenticateResponse{}
	return answer, c.call("ServerService", "Authenticate", &pb.AuthenticateRequest{Token: token}, answer)
}

// ended polls, for ttrpc 1.1.1 cannot watch, until the execution is final.
func (c client) ended(id string) (*pb.Execution, error) {
	give := time.Now().Add(callTime)
	for time.Now().Before(give) {
		found, err := c.get(id, pb.ExecutionView_EXECUTION_VIEW_FULL)
		if err != nil || found.EndTime != nil {
			return found, err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil, fmt.Errorf("execution %s did not end within %v", id, callTime)
}

func main() {
	c, err := dial("ttrpc")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := c.authenticate(os.Getenv("SIGNALBOX_TOKEN")); err != nil {
		log.Fatal(err)
	}
	for _, name := range cases.Names {
		text, err := cases.Fixture(name)
		if err == nil {
			err = c.call("WorkflowService", "Put", &pb.PutWorkflowRequest{DefinitionJson: text}, &pb.Workflow{})
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	cases.Run("go ttrpc 1.1.1", c.all())
}

func (c client) all() []cases.Case {
	return []cases.Case{
		{"Authenticate gives the connection its identity", func() error {
			info := &pb.GetInfoResponse{}
			if err := c.call("ServerService", "GetInfo", &pb.GetInfoRequest{}, info); err != nil {
				return err
			}
			return cases.Equal("role", info.GetPrincipal().GetRole(), pb.Role_ROLE_ADMIN)
		}},
		{"a connection without identity is UNAUTHENTICATED, and stays so after a wrong token", func() error {
			stranger, err := dial("ttrpc")
			if err != nil {
				return err
			}
			defer stranger.ttrpc.Close()
			_, before := stranger.get("1", pb.ExecutionView_EXECUTION_VIEW_BASIC)
			_, wrong := stranger.authenticate("no-such-token")
			_, after := stranger.get("1", pb.ExecutionView_EXECUTION_VIEW_BASIC)
			return cases.First(cases.Refused(before, codes.Unauthenticated, ""),
				cases.Refused(wrong, codes.Unauthenticated, ""),
				cases.Refused(after, codes.Unauthenticated, ""))
		}},
		{"metadata on a call gives that call an identity", func() error {
			caller, err := dial("ttrpc")
			if err != nil {
				return err
			}
			defer caller.ttrpc.Close()
			ctx, cancel := context.WithTimeout(context.Background(), callTime)
			defer cancel()
			headers := ttrpc.MD{}
			headers.Set("authorization", "Bearer "+os.Getenv("SIGNALBOX_TOKEN"))
			answer := &pb.ListExecutionsResponse{}
			if err := caller.ttrpc.Call(ttrpc.WithMetadata(ctx, headers),
				"signalbox.v1.ExecutionService", "List", &pb.ListExecutionsRequest{}, answer); err != nil {
				return err
			}
			_, without := caller.get("1", pb.ExecutionView_EXECUTION_VIEW_BASIC)
			return cases.Refused(without, codes.Unauthenticated, "")
		}},
		{"without ALPN the first byte tells that it is ttrpc", func() error {
			plain, err := dial()
			if err != nil {
				return err
			}
			defer plain.ttrpc.Close()
			answer, err := plain.authenticate(os.Getenv("SIGNALBOX_TOKEN"))
			if err != nil {
				return err
			}
			return cases.Equal("role", answer.GetPrincipal().GetRole(), pb.Role_ROLE_ADMIN)
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
			basic, err := c.get(fmt.Sprint(made.Number), pb.ExecutionView_EXECUTION_VIEW_BASIC)
			if err != nil {
				return err
			}
			full, err := c.get(made.Id, pb.ExecutionView_EXECUTION_VIEW_FULL)
			if err != nil {
				return err
			}
			return cases.First(
				cases.Equal("id", basic.Id, full.Id),
				cases.Equal("BASIC", basic.InputJson+fmt.Sprint(len(basic.NodeExecutions)), "0"),
				cases.Equal("FULL", full.InputJson+fmt.Sprint(len(full.NodeExecutions)), `{"text": "hello"}4`))
		}},
		{"List, Count, node executions and logs are read", func() error {
			made, err := c.trigger("echo", `{"text": "x"}`)
			if err != nil {
				return err
			}
			filter := &pb.ExecutionFilter{WorkflowIds: []string{"echo"}}
			list, count := &pb.ListExecutionsResponse{}, &pb.CountExecutionsResponse{}
			nodes, node := &pb.ListNodeExecutionsResponse{}, &pb.NodeExecution{}
			logs := &pb.GetLogsResponse{}
			const service = "ExecutionService"
			err = cases.First(
				c.call(service, "List", &pb.ListExecutionsRequest{Filter: filter, PageSize: 1000}, list),
				c.call(service, "Count", &pb.CountExecutionsRequest{Filter: filter}, count),
				c.call(service, "ListNodeExecutions", &pb.ListNodeExecutionsRequest{ExecutionId: made.Id}, nodes),
				c.call(service, "GetNodeExecution", &pb.GetNodeExecutionRequest{ExecutionId: made.Id, NodePath: "shape"}, node),
				c.call(service, "GetLogs", &pb.GetLogsRequest{ExecutionId: made.Id}, logs))
			if err != nil {
				return err
			}
			said := false
			for _, entry := range logs.Entries {
				said = said || entry.Message == "echoing"
			}
			return cases.First(
				cases.Equal("newest", list.Executions[0].Id, made.Id),
				cases.Equal("listed", len(list.Executions), count.Count),
				cases.Equal("nodes", len(nodes.NodeExecutions), 4),
				cases.Equal("kind", node.Kind, "set"),
				cases.Equal("the log node's line is there", said, true))
		}},
		{"Respond lets a suspended execution through, once", func() error {
			made, err := c.trigger("approval", "")
			if err != nil {
				return err
			}
			request := &pb.RespondRequest{ExecutionId: made.Id, InterruptId: made.Interrupts[0].Id,
				Decision: pb.Decision_DECISION_APPROVE}
			if _, err := c.execution("Respond", request); err != nil {
				return err
			}
			ended, err := c.ended(made.Id)
			if err != nil {
				return err
			}
			_, again := c.execution("Respond", request)
			return cases.First(
				cases.Equal("status", ended.Status, pb.ExecutionStatus_EXECUTION_STATUS_COMPLETED),
				cases.Refused(again, codes.FailedPrecondition, ""))
		}},
		{"Cancel, Replay, Retry and Delete do what they say", func() error {
			made, err := c.trigger("question", "")
			if err != nil {
				return err
			}
			_, early := c.execution("Replay", &pb.ReplayRequest{ExecutionId: made.Id})
			ended, err := c.execution("Cancel", &pb.CancelExecutionRequest{ExecutionId: made.Id})
			if err != nil {
				return err
			}
			_, late := c.execution("Cancel", &pb.CancelExecutionRequest{ExecutionId: made.Id})
			again, err := c.execution("Replay", &pb.ReplayRequest{ExecutionId: made.Id})
			if err != nil {
				return err
			}
			retried, err := c.execution("Retry", &pb.RetryRequest{ExecutionId: made.Id})
			if err != nil {
				return err
			}
			if _, err := c.execution("Cancel", &pb.CancelExecutionRequest{ExecutionId: retried.Id}); err != nil {
				return err
			}
			erased := &pb.DeleteExecutionResponse{}
			if _, err := c.execution("Cancel", &pb.CancelExecutionRequest{ExecutionId: again.Id}); err != nil {
				return err
			}
			if err := c.call("ExecutionService", "Delete",
				&pb.DeleteExecutionRequest{ExecutionId: again.Id}, erased); err != nil {
				return err
			}
			_, gone := c.get(again.Id, pb.ExecutionView_EXECUTION_VIEW_BASIC)
			return cases.First(
				cases.Refused(early, codes.FailedPrecondition, "EXECUTION_NOT_FINAL"),
				cases.Equal("status", ended.Status, pb.ExecutionStatus_EXECUTION_STATUS_CANCELLED),
				cases.Refused(late, codes.FailedPrecondition, "EXECUTION_FINAL"),
				cases.Equal("source", again.SourceId, made.Id),
				cases.Refused(gone, codes.NotFound, ""))
		}},
		{"bad input, unknown workflows and unknown methods get their codes", func() error {
			_, bad := c.trigger("echo", `{"text": 5}`)
			_, unknown := c.trigger("no-such-workflow", "")
			method := c.call("ExecutionService", "Nothing", &pb.GetInfoRequest{}, &pb.GetInfoResponse{})
			service := c.call("NobodyService", "Get", &pb.GetInfoRequest{}, &pb.GetInfoResponse{})
			return cases.First(cases.Refused(bad, codes.InvalidArgument, ""),
				cases.Refused(unknown, codes.NotFound, ""),
				cases.Equal("unknown method", status.Code(method), codes.Unimplemented),
				cases.Equal("unknown service", status.Code(service), codes.Unimplemented))
		}},
		{"timeout_nano is kept, and the connection goes on", func() error {
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			err := c.ttrpc.Call(ctx, "signalbox.v1.ExecutionService", "Trigger",
				&pb.TriggerRequest{WorkflowId: "long-wait", Wait: minute}, &pb.TriggerResponse{})
			if err == nil {
				return fmt.Errorf("an hour passed in 300 ms")
			}
			_, err = c.trigger("three-noops", "")
			return err
		}},
		{"200 calls at once on one connection are all answered", func() error {
			_, first := c.atOnce(200)
			return first
		}},
		{"of 1000 calls at once each is answered or refused as too many, and the connection goes on", func() error {
			refused, first := c.atOnce(1000)
			_, after := c.trigger("echo", `{"text": "after"}`)
			// The limit is 256 calls, so as many as that are served whatever the others do.
			return cases.First(first, after, cases.Equal("at least 256 answered", refused <= 1000-256, true))
		}},
		{"workflows are validated, read, listed, deployed and deleted", func() error {
			const service = "WorkflowService"
			text := func(kind string) string {
				return fmt.Sprintf(`{"id": "short-lived", "nodes": [{"id": "s", "type": "start"},
					{"id": "x", "type": %q}, {"id": "e", "type": "end"}],
					"edges": [{"source": "s", "target": "x"}, {"source": "x", "target": "e"}]}`, kind)
			}
			good, bad := &pb.ValidateWorkflowResponse{}, &pb.ValidateWorkflowResponse{}
			put, got, deployed := &pb.Workflow{}, &pb.Workflow{}, &pb.Workflow{}
			versions, list := &pb.ListWorkflowVersionsResponse{}, &pb.ListWorkflowsResponse{}
			err := cases.First(
				c.call(service, "Validate", &pb.ValidateWorkflowRequest{DefinitionJson: text("noop")}, good),
				c.call(service, "Validate", &pb.ValidateWorkflowRequest{DefinitionJson: text("nonsense")}, bad),
				c.call(service, "Put", &pb.PutWorkflowRequest{DefinitionJson: text("noop")}, put),
				c.call(service, "Put", &pb.PutWorkflowRequest{DefinitionJson: text("noop") + " "}, &pb.Workflow{}),
				c.call(service, "Get", &pb.GetWorkflowRequest{WorkflowId: "short-lived", Version: 1}, got),
				c.call(service, "ListVersions", &pb.ListWorkflowVersionsRequest{WorkflowId: "short-lived"}, versions),
				c.call(service, "List", &pb.ListWorkflowsRequest{PageSize: 1000}, list),
				c.call(service, "Deploy", &pb.DeployWorkflowRequest{WorkflowId: "short-lived", Version: 1}, deployed))
			if err != nil {
				return err
			}
			err = c.call(service, "Delete", &pb.DeleteWorkflowRequest{WorkflowId: "short-lived"}, &pb.DeleteWorkflowResponse{})
			if err != nil {
				return err
			}
			listed := 0
			for _, workflow := range list.Workflows {
				if workflow.Id == "short-lived" {
					listed++
				}
			}
			gone := c.call(service, "Get", &pb.GetWorkflowRequest{WorkflowId: "short-lived"}, &pb.Workflow{})
			return cases.First(
				cases.Equal("faults of a good definition", len(good.Faults), 0),
				cases.Equal("faults of a bad definition are found", len(bad.Faults) > 0, true),
				cases.Equal("version", put.Version, 1),
				cases.Equal("text", got.DefinitionJson, text("noop")),
				cases.Equal("versions", len(versions.Versions), 2),
				cases.Equal("listed", listed, 1),
				cases.Equal("deployed version", deployed.DeployedVersion, 1),
				cases.Refused(gone, codes.NotFound, ""))
		}},
		{"tokens are made, listed and revoked; a revoked one ends its connection's identity", func() error {
			const service = "ServerService"
			made, list := &pb.CreateTokenResponse{}, &pb.ListTokensResponse{}
			if err := c.call(service, "CreateToken", &pb.CreateTokenRequest{
				Name: "go-ttrpc", Role: pb.Role_ROLE_VIEWER}, made); err != nil {
				return err
			}
			caller, err := dial("ttrpc")
			if err != nil {
				return err
			}
			defer caller.ttrpc.Close()
			_, denied := caller.trigger("echo", `{"text": "x"}`)
			who, err := caller.authenticate(made.Secret)
			if err != nil {
				return err
			}
			_, role := caller.trigger("echo", `{"text": "x"}`)
			if err := cases.First(
				c.call(service, "ListTokens", &pb.ListTokensRequest{PageSize: 1000}, list),
				c.call(service, "RevokeToken", &pb.RevokeTokenRequest{TokenId: "go-ttrpc"}, &pb.RevokeTokenResponse{}),
			); err != nil {
				return err
			}
			listed := false
			for _, token := range list.Tokens {
				listed = listed || token.Id == made.Token.Id
			}
			revoked := caller.call("ExecutionService", "Count", &pb.CountExecutionsRequest{}, &pb.CountExecutionsResponse{})
			return cases.First(
				cases.Refused(denied, codes.Unauthenticated, ""),
				cases.Equal("role", who.Principal.Role, pb.Role_ROLE_VIEWER),
				cases.Refused(role, codes.PermissionDenied, ""),
				cases.Equal("listed", listed, true),
				cases.Refused(revoked, codes.Unauthenticated, ""))
		}},
		{"every unary method of the three services was called", func() error {
			methods, err := cases.UnaryMethods("signalbox/v1/execution_service.proto",
				"signalbox/v1/workflow_service.proto", "signalbox/v1/server_service.proto")
			if err != nil {
				return err
			}
			var left []string
			for _, method := range methods {
				if _, found := called.Load(method); !found {
					left = append(left, method)
				}
			}
			return cases.First(
				cases.Equal("methods not called", left, []string(nil)),
				cases.Equal("the contract has methods", len(methods) > 0, true))
		}},
	}
}

// atOnce makes that many calls on the one connection without waiting in between. Returns how many were
// refused as too many, and the first other failure.
func (c client) atOnce(calls int) (refused int, first error) {
	errors := make(chan error, calls)
	for n := 0; n < calls; n++ {
		go func(n int) {
			made, err := c.trigger("echo", fmt.Sprintf(`{"text": "%d"}`, n))
			if err == nil {
				err = cases.Equal("output", made.OutputJson, fmt.Sprintf(`{"said":"%d"}`, n))
			}
			errors <- err
		}(n)
	}
	for n := 0; n < calls; n++ {
		err := <-errors
		if calls > 256 && status.Code(err) == codes.ResourceExhausted {
			refused++
		} else {
			first = cases.First(first, err)
		}
	}
	return refused, first
}
