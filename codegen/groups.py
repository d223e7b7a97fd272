"""What is generated where: each group of .proto files has one C target and its Swift targets."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Group:
    """A set of .proto files whose code lives together."""

    name: str
    # Paths below proto/, below Tests/CTestMessages (tests only) or below protoc's include folder.
    protos: tuple
    c_target: str
    # The Swift target of the messages; None where the Swift side is written by hand.
    messages_target: str | None
    # The Swift target of handler protocols and stubs; None where there are no services.
    services_target: str | None = None
    # The folder of its targets.
    folder: str = "Sources"
    # Protobuf package to the access level of its Swift types.
    access: dict = field(default_factory=dict)
    # Protobuf package to a prefix of its Swift types, where names would collide.
    prefix: dict = field(default_factory=dict)
    # Full protobuf name to Swift name, where a single name would collide.
    rename: dict = field(default_factory=dict)
    # Protobuf packages in which everything has a comment, and every method its errors.
    documented: tuple = ()

    def access_of(self, package):
        return self.access.get(package, "package")


WELL_KNOWN = Group(
    name="wellknown",
    protos=(
        "google/protobuf/any.proto",
        "google/protobuf/duration.proto",
        "google/protobuf/timestamp.proto",
    ),
    c_target="CWellKnownTypes",
    messages_target=None,
)

GROUPS = (
    WELL_KNOWN,
    Group(
        name="signalbox",
        protos=(
            "signalbox/internal/v1/inbox.proto",
            "signalbox/internal/v1/worker_task.proto",
            "signalbox/internal/v1/trigger.proto",
            "signalbox/v1/admin_service.proto",
            "signalbox/v1/control_service.proto",
            "signalbox/v1/batch_service.proto",
            "signalbox/v1/bulk_service.proto",
            "signalbox/v1/event.proto",
            "signalbox/v1/event_service.proto",
            "signalbox/v1/interrupt_service.proto",
            "signalbox/v1/execution.proto",
            "signalbox/v1/execution_service.proto",
            "signalbox/v1/schedule_service.proto",
            "signalbox/v1/secret_service.proto",
            "signalbox/v1/export_service.proto",
            "signalbox/v1/retention_service.proto",
            "signalbox/v1/server_service.proto",
            "signalbox/v1/tag_service.proto",
            "signalbox/v1/worker_service.proto",
            "signalbox/v1/webhook_service.proto",
            "signalbox/v1/workflow.proto",
            "signalbox/v1/workflow_service.proto",
        ),
        c_target="CMessages",
        messages_target="Messages",
        services_target="Services",
        access={"signalbox.v1": "public"},
        documented=("signalbox.v1", "signalbox.internal.v1"),
    ),
    Group(
        name="wire",
        protos=(
            "google/rpc/status.proto",
            "google/rpc/error_details.proto",
        ),
        c_target="CWireMessages",
        messages_target="RPC",
        access={"google.rpc": "public"},
        rename={"google.rpc.Status": "RPCStatus"},
    ),
    Group(
        name="foundation",
        protos=(
            "grpc/health/v1/health.proto",
            "grpc/reflection/v1/reflection.proto",
            "grpc/reflection/v1alpha/reflection.proto",
        ),
        c_target="CFoundationMessages",
        messages_target="RPCFoundation",
        services_target="RPCFoundation",
        prefix={"grpc.reflection.v1alpha": "Alpha"},
    ),
    Group(
        name="interop",
        protos=(
            "grpc/testing/empty.proto",
            "grpc/testing/messages.proto",
            "grpc/testing/test.proto",
        ),
        c_target="CInteropMessages",
        messages_target="signalbox-interop",
        services_target="signalbox-interop",
        access={"grpc.testing": "internal"},
    ),
    # What protobuf has and our contract does not use, so that tests reach all of the generator.
    Group(
        name="everything",
        protos=("everything.proto",),
        c_target="CTestMessages",
        messages_target="MessagesTests",
        folder="Tests",
        access={"everything": "internal"},
        documented=("refused.documented",),
    ),
)


def group_named(name):
    """The group called `name`."""
    for group in GROUPS:
        if group.name == name:
            return group
    raise SystemExit(f"codegen: no group is called {name!r}")
