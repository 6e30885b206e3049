internal import FoundationEssentials
internal import IPAM

extension PendingRelease {
    /// Reads what a journal's file holds, which another release or somebody else may have written.
    ///
    /// - Throws: `.damaged` for what can't be carried out as it stands.
    init(_ contents: [UInt8]) throws(ReleaseJournal.EntryFault) {
        guard let entry = try? JSONDecoder().decode(PendingRelease.self, from: Data(contents)) else {
            throw .damaged("it is not the JSON object expected")
        }
        self = entry
        guard version == Self.currentVersion else {
            throw .damaged("its format version is \(version), and this release knows \(Self.currentVersion)")
        }
        if let fault {
            throw .damaged(fault)
        }
    }

    /// What makes no sense in it; nil for nothing.
    private var fault: String? {
        if containerID.isEmpty { return "its containerID is empty" }
        if interfaceName.isEmpty { return "its interface is empty" }
        if Timestamp.secondsSince1970(time) == nil {
            return "its time \(time.debugDescription) is none such as \(Timestamp.text(secondsSince1970: 0))"
        }
        // What an address waits for is added to the clock's time.
        if !(0...AllocationPolicy.longestWait ~= retention) {
            return "its retain, \(retention), is not 0 to \(AllocationPolicy.longestWait) seconds"
        }
        if etcd.isEmpty { return "its etcd names no endpoint" }
        return prefix.isEmpty ? "its prefix is empty" : nil
    }
}
