extension KubernetesClient {
    /// Watches the objects of a list; nothing is sent before the first `next(deadline:)`.
    ///
    /// - Parameters:
    ///   - list: The request for the list, with its selectors.
    ///   - resourceVersion: The version of the list, as `list` returns it, or a later one.
    ///   - streamTimeout: How long one stream may last, in whole seconds. By default chance spreads the ends of many clients' streams.
    /// - Returns: The watch, which belongs to the client's thread.
    public func watch(
        _ list: APIRequest,
        from resourceVersion: String,
        streamTimeout: Duration = .seconds(Int.random(in: 300..<600))
    ) -> APIWatch {
        APIWatch(self, list, from: resourceVersion, streamTimeout: streamTimeout)
    }
}
