/// What goes along with a request beside its message (etcd `api/v3rpc/rpctypes`, metadata fields).
struct CallMetadata: Hashable {
    /// Whether a member that knows of no leader refuses the call at once.
    var requiresLeader: Bool
    /// The token that Authenticate gave.
    var token: Secret?
}
