/// A user of etcd's own authentication, with its password.
public struct UserCredentials: Hashable, Sendable {
    /// The user's name.
    public let name: String
    /// The password, which no description shows.
    public let password: Secret

    /// Makes credentials.
    public init(name: String, password: Secret) {
        self.name = name
        self.password = password
    }
}
