internal import IPAM
internal import Whereabouts

extension StoredAllocation {
    /// Whether its pod is a static one, whose UID at its kubelet is an MD5 of its configuration: no object of the API server has such a UID.
    ///
    /// One whose manifest names a UID is not known by this.
    var isOfStaticPod: Bool {
        guard let podUID, podUID.utf8.count == 32 else { return false }
        return podUID.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
    }

    /// Whether it is a static pod's that has the name of the allocation's node in its own, as its kubelet gives it: then the API server has the node by
    /// that name too.
    var namesNodeOfStaticPod: Bool {
        isOfStaticPod && !owner.node.isEmpty && owner.pod?.name.hasSuffix("-" + owner.node.lowercased()) ?? false
    }
}
