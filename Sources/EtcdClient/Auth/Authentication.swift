/// What a client knows of the token that its user needs.
enum Authentication: Hashable {
    /// Nothing: a cache may have a token, or etcd may be asked for one.
    case unknown
    /// A token of the cache that no request has proved yet.
    ///
    /// A member holds the requests of a token from the future back until that comes; it may be that of a cluster which was restored
    /// from a snapshot since.
    case cached(Secret)
    /// The token that goes along with requests.
    case token(Secret)
    /// The cluster has said that it wants none.
    case notEnabled
}
