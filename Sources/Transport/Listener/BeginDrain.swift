/// Fired through the pipeline of every connection when the server is about to stop: take no more
/// calls, finish those that run, then close.
package struct BeginDrain: Sendable {
    package init() {}
}
