internal import AllocationHistory
internal import FoundationEssentials

/// A network that pods of a run attach to: a network configuration, and the ranges that it draws from.
struct SimulatedNetwork: Sendable {
    /// The name of the network configuration.
    let name: String
    /// The `network_name`; empty for a plugin that is not ours.
    let domain: String
    /// The ranges, as the history lists them.
    let ranges: [HistoryRange]
    /// The `ipam` object without what is the node's; empty for a plugin that is not ours.
    private let ipam: [String: JSON]
    /// The configuration of a plugin that is not ours.
    private let template: [String: JSON]?

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
            JSON.object(["range": .text("\(range.first)-\(range.last)/\(length)")])
        }
        self.ranges = ranges
        var ipam: [String: JSON] = [
            "type": .text("whereabouts"), "network_name": .text(domain), "ipRanges": .array(entries),
        ]
        for (key, value) in lab.keys { ipam[key] = .text(value) }
        self.ipam = ipam
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
        guard let object = try? JSONDecoder().decode([String: JSON].self, from: Data(text)) else {
            throw HarnessError(
                "the network configuration is no JSON object; give a file as a runtime passes it to a plugin"
            )
        }
        guard case .text(let name) = object["name"] else {
            throw HarnessError("the network configuration has no name; add one")
        }
        self.name = name
        domain = ""
        ranges = []
        ipam = [:]
        template = object
    }

    /// Whether the plugin is not ours.
    var isForeign: Bool { template != nil }

    /// What a call gets on stdin.
    func configuration(_ node: SimulatedNode, beside members: [String: JSON] = [:]) -> [UInt8] {
        var object: [String: JSON]
        if let template {
            object = template
        } else {
            var ipam = ipam
            ipam["release_journal"] = .text(node.journal)
            ipam["etcd_token_cache"] = .text(node.tokens)
            object = [
                "cniVersion": .text("1.1.0"), "name": .text(name), "type": .text("bridge"), "ipam": .object(ipam),
            ]
        }
        object.merge(members) { $1 }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(object)).map { [UInt8]($0) } ?? []
    }
}
