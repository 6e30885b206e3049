internal import AllocationHistory
internal import JSON

/// A network that pods of a run attach to: a network configuration, and the ranges that it draws from.
struct SimulatedNetwork: Sendable {
    /// The name of the network configuration.
    let name: String
    /// The `network_name`; empty for a plugin that is not ours.
    let domain: String
    /// The ranges, as the history lists them.
    let ranges: [HistoryRange]
    /// The `ipam` object without what is the node's; empty for a plugin that is not ours.
    private let ipam: [String: JSONValue]
    /// What says how etcd is reached; nil for a plugin that is not ours.
    private let lab: Lab?
    /// The configuration of a plugin that is not ours.
    private let template: [String: JSONValue]?

    /// Makes a network for our plugin.
    init(_ number: Int, of run: String, _ plan: RunPlan, _ lab: Lab) {
        name = "harness-\(run)-\(number)"
        domain = "harness-\(run)"
        let count = plan.addressesOfNetwork
        let ranges = (plan.isDualStack ? [false, true] : [false]).map { isIPv6 in
            HistoryRange(
                domain: "harness-\(run)",
                first: Self.address(1, of: number, isIPv6: isIPv6),
                last: Self.address(count, of: number, isIPv6: isIPv6),
                allocatableCount: UInt64(count),
                retainSeconds: 0
            )
        }
        let entries = zip(ranges, [16, 64]).map { range, length in
            JSONValue.object(["range": .string("\(range.first)-\(range.last)/\(length)")])
        }
        self.ranges = ranges
        ipam = [
            "type": .string("whereabouts"), "network_name": .string(domain), "ipRanges": .array(entries),
        ]
        self.lab = lab
        template = nil
    }

    /// The address at an offset in a network, whose first one belongs to nobody.
    private static func address(_ offset: Int, of number: Int, isIPv6: Bool) -> String {
        isIPv6
            ? "fd00:\(100 + number)::\(String(offset, radix: 16))"
            : "10.\(100 + number).\(offset >> 8 & 255).\(offset & 255)"
    }

    /// Makes a network for a plugin that is not ours.
    ///
    /// - Throws: `HarnessError` for what is no JSON object.
    init(template text: [UInt8]) throws {
        guard case .object(let object)? = try? JSONValue(parsing: text) else {
            throw HarnessError(
                "the network configuration is no JSON object; give a file as a runtime passes it to a plugin"
            )
        }
        guard case .string(let name) = object["name"] else {
            throw HarnessError("the network configuration has no name; add one")
        }
        self.name = name
        domain = ""
        ranges = []
        ipam = [:]
        lab = nil
        template = object
    }

    /// Whether the plugin is not ours.
    var isForeign: Bool { template != nil }

    /// What a call gets on stdin.
    func configuration(_ node: SimulatedNode, beside members: [String: JSONValue] = [:]) -> [UInt8] {
        var object: [String: JSONValue]
        if let template {
            object = template
        } else {
            var ipam = ipam
            for (key, value) in lab?.keys(for: node) ?? [:] { ipam[key] = .string(value) }
            ipam["release_journal"] = .string(node.journal)
            ipam["etcd_token_cache"] = .string(node.tokens)
            object = [
                "cniVersion": .string("1.1.0"), "name": .string(name), "type": .string("bridge"), "ipam": .object(ipam),
            ]
        }
        object.merge(members) { $1 }
        return JSONValue.object(object).encoded()
    }
}
