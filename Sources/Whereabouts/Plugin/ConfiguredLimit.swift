internal import EtcdClient

/// A limit that a key of the configuration sets to a call.
struct ConfiguredLimit {
    /// The key.
    let key: String
    /// Its value.
    let duration: Duration
    /// When it is reached.
    let deadline: Deadline
}
