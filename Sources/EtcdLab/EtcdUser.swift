/// A user of an etcd with authentication.
public struct EtcdUser: Sendable {
    /// What a user may do.
    public enum Access: Sendable {
        /// Nothing: the user has no role.
        case none
        /// Read the keys with a prefix.
        case read(prefix: String)
        /// Read and write the keys with a prefix.
        case readWrite(prefix: String)
        /// Everything, by etcd's own role `root`: for `EtcdUser.root` only.
        case everything
    }

    /// The name.
    public let name: String
    /// The password; without one, only a client certificate makes a client this user.
    public let password: String?
    /// What the user may do.
    public let access: Access

    /// Describes a user; `enableAuthentication` makes it.
    public init(_ name: String, password: String?, access: Access) {
        self.name = name
        self.password = password
        self.access = access
    }

    /// The user that etcd demands before authentication can be turned on, and that the fixtures are themselves.
    public static let root = EtcdUser("root", password: "root's password", access: .everything)

    /// The role that the user gets, of the same name.
    var role: String? {
        switch access {
        case .none: nil
        case .read, .readWrite, .everything: name
        }
    }

    /// What is granted to the role, as etcdctl takes it; etcd's own role needs nothing.
    var permission: [String]? {
        switch access {
        case .none, .everything: nil
        case .read(let prefix): ["read", prefix]
        case .readWrite(let prefix): ["readwrite", prefix]
        }
    }
}
