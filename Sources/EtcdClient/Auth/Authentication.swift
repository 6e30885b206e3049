/// What a client knows of the token that its user needs.
enum Authentication: Hashable {
    /// Nothing: a cache may have a token, or etcd may be asked for one.
    case unknown
    /// The token that goes along with requests.
    case token(Secret)
    /// The cluster has said that it wants none.
    case notEnabled
}
