extension Duration {
    /// The time in milliseconds.
    var milliseconds: Double { self / .milliseconds(1) }
    /// The time in seconds.
    var seconds: Double { self / .seconds(1) }
    /// The time in whole nanoseconds.
    var nanoseconds: Int64 { Int64(self / .nanoseconds(1)) }
}
