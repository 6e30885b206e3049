import IPAM

/// A container of a history, of a pod or of none, for as long as anything can be said of it.
struct HistoryContainer: Hashable {
    let id: String
    let pod: PodReference?
    let node: String

    /// The owner of what an interface of the container gets.
    func owner(_ interface: String, network: String) -> AllocationOwner {
        AllocationOwner(
            attachment: Attachment(containerID: id, interfaceName: interface),
            pod: pod,
            node: node,
            network: network
        )
    }
}
