import Store

extension FailingStore {
    var schedules: any ScheduleStore { store }
}
