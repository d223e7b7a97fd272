internal import Logging
internal import Operations
internal import RPC
internal import RPCFoundation
internal import RPCServices
internal import Services

/// Every service that is served over RPC, one line each.
struct RPCDoor {
    private static let methods: [MethodDescriptor] = [
        ExecutionServiceMethods.all,
        WorkflowServiceMethods.all,
        ServerServiceMethods.all,
        AdminServiceMethods.all,
        SecretServiceMethods.all,
        EventServiceMethods.all,
        InterruptServiceMethods.all,
        ControlServiceMethods.all,
        TagServiceMethods.all,
        BatchServiceMethods.all,
        ExportServiceMethods.all,
        RetentionServiceMethods.all,
        BulkServiceMethods.all,
        WorkerServiceMethods.all,
        ScheduleServiceMethods.all,
        WebhookServiceMethods.all,
    ].flatMap { $0 }

    private static let reflectionServices = [
        "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
    ]

    /// By name, as health and reflection list them.
    static func services(_ settings: ServerSettings) -> [String] {
        Set((methods + HealthMethods.all).map(\.service)).sorted()
            + (settings.servesReflection ? reflectionServices : [])
    }

    static func router(
        _ operations: Operations, _ statuses: ServingStatuses, _ settings: ServerSettings
    ) -> Router {
        var router = Router(interceptors: [
            StatusInterceptor(
                logger: Logger(label: "signalbox.calls"),
                metrics: CallMetrics(methods: methods + HealthMethods.all)),
            IdentityInterceptor(
                operations: operations, certificates: settings.certificateRoles,
                openServices: Set(["grpc.health.v1.Health"] + reflectionServices)),
        ])
        router.register(executionService: ExecutionServiceEdge(operations: operations))
        router.register(workflowService: WorkflowServiceEdge(operations: operations))
        router.register(serverService: ServerServiceEdge(operations: operations))
        router.register(adminService: AdminServiceEdge(operations: operations))
        router.register(secretService: SecretServiceEdge(operations: operations))
        router.register(eventService: EventServiceEdge(operations: operations))
        router.register(interruptService: InterruptServiceEdge(operations: operations))
        router.register(controlService: ControlServiceEdge(operations: operations))
        router.register(tagService: TagServiceEdge(operations: operations))
        router.register(batchService: BatchServiceEdge(operations: operations))
        router.register(exportService: ExportServiceEdge(operations: operations))
        router.register(retentionService: RetentionServiceEdge(operations: operations))
        router.register(bulkService: BulkServiceEdge(operations: operations))
        router.register(workerService: WorkerServiceEdge(operations: operations))
        router.register(scheduleService: ScheduleServiceEdge(operations: operations))
        router.register(webhookService: WebhookServiceEdge(operations: operations))
        router.register(health: HealthService(statuses))
        if settings.servesReflection {
            let reflection = ReflectionService(
                DescriptorIndex([foundationFileDescriptorSet, signalboxFileDescriptorSet]),
                services: services(settings))
            router.register(serverReflection: reflection)
            router.register(alphaServerReflection: reflection)
        }
        return router
    }
}
