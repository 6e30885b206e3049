/// The reply does not hold what the etcd API promises; `reason` is a phrase.
struct MalformedReply: Error, Hashable {
    let reason: String
}
