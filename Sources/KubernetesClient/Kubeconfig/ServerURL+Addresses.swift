internal import EtcdClient
internal import IPTypes

extension ServerURL {
    /// The IP addresses of the host, at least one.
    func addresses(deadline: Deadline) throws(HTTPFailure) -> [String] {
        if (try? IPAddress(host)) != nil { return [host] }
        do throws(NameLookup.Failure) {
            return try NameLookup.addresses(of: host, deadline: deadline)
        } catch {
            throw HTTPFailure(kind: .name, details: "\(host): \(error.reason)", isBeforeRequest: true)
        }
    }
}
