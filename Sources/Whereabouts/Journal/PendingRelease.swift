internal import IPAM

/// A release that the datastore has not seen yet, as the journal keeps it.
struct PendingRelease: Hashable {
    /// The format that this release writes and reads.
    static let currentVersion = 1

    /// The format version.
    let version: Int
    /// The runtime's identifier of the container that is gone.
    let containerID: String
    /// The interface's name inside the container.
    let interfaceName: String
    /// The name of the CNI network configuration, for whoever reads the entry.
    let network: String
    /// When the DEL began (RFC 3339, UTC): what the container got later is not meant.
    let time: String
    /// The same by the time since the node's start; nil in what earlier releases wrote.
    let uptime: NodeMoment.Uptime?
    /// How many seconds the pod's addresses wait for it (`retain` of the network); 0 for not at all.
    let retention: Int64
    /// The store that has the records.
    let store: PendingStore

    init(_ attachment: Attachment, network: String, time: NodeMoment, retention: Int64 = 0, store: PendingStore) {
        version = Self.currentVersion
        containerID = attachment.containerID
        interfaceName = attachment.interfaceName
        self.network = network
        self.time = time.time
        uptime = time.uptime
        self.retention = retention
        self.store = store
    }

    /// When the DEL began, on its node.
    var moment: NodeMoment {
        NodeMoment(time: time, uptime: uptime)
    }

    /// The container and its interface.
    var attachment: Attachment {
        Attachment(containerID: containerID, interfaceName: interfaceName)
    }
}
