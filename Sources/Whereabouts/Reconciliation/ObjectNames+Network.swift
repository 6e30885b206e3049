internal import IPAM
internal import IPTypes

/// What the names of objects tell of their networks, which stand nowhere else.
extension ObjectNames {
    /// What stands before the range in the name of a pool object: the network's name, the node's of a slice, both or nothing; nil for a name of another form.
    static func owner(ofPool name: String, range: IPPrefix) -> String? {
        rest(of: name, before: plainName(range.description))
    }

    /// The names that the network of a pool object may have: what stands before the range up to any of its hyphens.
    static func networkNames(ofPool name: String, range: IPPrefix) -> [String] {
        guard let owner = owner(ofPool: name, range: range), !owner.isEmpty else { return [""] }
        let ends = owner.indices.filter { owner[$0] == "-" } + [owner.endIndex]
        return ends.reversed().map { String(owner[..<$0]) } + [""]
    }

    /// What stands before an address in the name of a reservation; nil for a name of another form.
    static func network(ofReservation name: String, _ address: IPAddress) -> String? {
        rest(of: name, before: plainName(address.description))
    }

    private static func rest(of name: String, before plain: String) -> String? {
        if name == plain { return "" }
        guard name.hasSuffix("-" + plain) else { return nil }
        return String(name.dropLast(plain.count + 1))
    }
}

extension AllocationScope {
    /// Whether the scope's network may be one of which objects are named so.
    func containsNetwork(named name: String) -> Bool {
        network.map { name == $0 || name.hasPrefix($0 + "-") } ?? true
    }
}
