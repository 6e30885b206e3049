/// What sections found out that the targets speak of; what was not measured is missing.
struct Figures {
    /// The time of an ADD by that of one by `host-local`, both alone.
    var addByHostLocal: Double?
    /// The time of an ADD by that of a write by `etcdctl put`.
    var addByEtcdctl: Double?
    /// The time of an ADD over mutual TLS by that of one in clear text.
    var addOverTLS: Double?
    /// The time of an ADD by that of one into an empty pool, by the number of addresses that are taken.
    var growth: [Int: Double] = [:]
    /// How many ADDs end in a second, by the number of those that are started at once.
    var throughput: [Int: Double] = [:]
    /// The calls that failed and should not have.
    var failures: [InvocationFailure] = []
}
