internal import IPAM
internal import JSON

extension PendingRelease: JSONStorable {
    /// Reads an entry; one of a release that had no `retain` has the addresses wait for nobody.
    init(_ object: JSONObject) throws(JSONShapeError) {
        version = Int(try object.integer("version"))
        containerID = try object.string("containerID")
        interfaceName = try object.string("interface")
        network = try object.string("network")
        time = try object.string("time")
        uptime = try object.objectIfPresent("uptime").map(NodeMoment.Uptime.init)
        retention = try object.integerIfPresent("retain") ?? 0
        store = try PendingStore(object)
    }

    /// The entry as it is kept.
    var json: JSONValue {
        var object: [String: JSONValue] = [
            "version": .integer(Int64(version)), "containerID": .string(containerID),
            "interface": .string(interfaceName), "network": .string(network), "time": .string(time),
            "retain": .integer(retention),
        ]
        object.merge(store.members) { $1 }
        object["uptime"] = uptime?.json
        return .object(object)
    }

    /// Reads what a journal's file holds, which another release or somebody else may have written.
    ///
    /// - Throws: `.damaged` for what can't be carried out as it stands.
    init(_ contents: [UInt8]) throws(ReleaseJournal.EntryFault) {
        do throws(JSONShapeError) {
            try self.init(JSONObject(parsing: contents))
        } catch {
            throw .damaged("it is not the JSON object expected: \(error)")
        }
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
        return store.fault
    }
}
