/// Whether etcd demands authentication (etcd API, message AuthStatusResponse).
public struct AuthStatusResponse: Hashable, Sendable {
    /// About the member that answered.
    public let header: ResponseHeader
    /// Whether authentication is enabled.
    public let isEnabled: Bool
    /// A number that rises with each change of users, roles and permissions.
    public let revision: UInt64
}
