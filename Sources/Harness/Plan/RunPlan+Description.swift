internal import AllocationHistory

extension RunPlan: CustomStringConvertible {
    /// What the run does, in one line; an etcd that is there is not named, since its endpoints are checked later.
    var description: String {
        let etcd =
            if configurationFile != nil {
                "no etcd"
            } else if self.etcd != nil {
                "an etcd that is there"
            } else {
                "an etcd of \(members.counting("member")) (\(security.rawValue))"
            }
        let faults = faults.isEmpty ? "none" : faults.map(\.rawValue).sorted().joined(separator: ", ")
        return
            "\(attachments.counting("attachment")) or \(seconds) s: \(pattern.rawValue), \(podsPerNode.counting("pod")) on each of "
            + "\(nodes.counting("node")), \(interfaces.counting("interface")) each, \(networks.counting("network")), \(etcd); "
            + "faults: \(faults); seed \(seed)"
    }
}
