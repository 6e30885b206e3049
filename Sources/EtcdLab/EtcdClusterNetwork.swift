internal import Foundation

/// The network of an `EtcdCluster`: two bridges in a namespace of their own.
///
/// The host and each member have a link to the one, for clients; each member has a link to the other, for its peers.
///
/// Addresses are from 198.18.0.0/15, which is for tests among devices and routed nowhere (RFC 2544). The subnet for
/// clients is no other cluster's: the name of the host's link stands for it, and no two links have the same name.
final class EtcdClusterNetwork {
    /// The members' namespaces.
    let members: [NetworkNamespace]

    private let bridges: NetworkNamespace
    private let subnet: Int
    private let link: String

    /// Makes a network for up to ten members.
    init(members count: Int) throws {
        precondition((1...10).contains(count), "addresses are made of one digit for the member")
        bridges = try NetworkNamespace("bridges")
        members = try (0..<count).map { try NetworkNamespace("member\($0)") }
        subnet = try Self.reserveSubnet(in: bridges)
        link = Self.link(subnet)

        var lines = ["clients", "peers"].flatMap { ["link add \($0) type bridge", "link set \($0) up"] }
        lines.append("link set host master clients up")
        for (index, member) in members.enumerated() {
            for (port, bridge, name, hardware) in [
                (clientPort(index), "clients", "client", clientHardware(index)),
                (peerPort(index), "peers", "peer", peerHardware(index)),
            ] {
                lines.append(
                    "link add \(port) type veth peer name \(name) netns \(member.name) address \(hardware)"
                )
                lines.append("link set \(port) master \(bridge) up")
            }
        }
        try bridges.ip(lines: lines)

        // Whoever is cut off is not found by ARP any more, and to connect to him would fail soon instead of hanging:
        // so everybody is told where the others are.
        for (index, member) in members.enumerated() {
            let others = members.indices.filter { $0 != index }
            try member.ip(
                lines: [
                    "address add \(clientAddress(index))/24 dev client", "link set client up",
                    "address add \(peerAddress(index))/24 dev peer", "link set peer up",
                    "neigh add \(hostAddress) lladdr \(Self.hostHardware) dev client nud permanent",
                ] + others.map { "neigh add \(peerAddress($0)) lladdr \(peerHardware($0)) dev peer nud permanent" }
            )
        }
        try Self.ip("address", "add", "\(hostAddress)/24", "dev", link)
        try Self.ip("link", "set", link, "address", Self.hostHardware, "up")
        for index in members.indices {
            let hardware = clientHardware(index)
            try Self.ip("neigh", "add", clientAddress(index), "lladdr", hardware, "dev", link, "nud", "permanent")
        }
    }

    deinit {
        // It would go with the namespace of its other end, but a little later.
        _ = try? Self.ip("link", "delete", link)
    }

    /// The address at which a member serves clients.
    func clientAddress(_ member: Int) -> String { "198.18.\(subnet).1\(member)" }

    /// The address at which the other members reach a member; there alone it means anything.
    func peerAddress(_ member: Int) -> String { "198.19.255.1\(member)" }

    /// Lets through, or loses, what goes to and from a member on its two links.
    ///
    /// The links themselves stay up, so that the member does not see it.
    func connect(_ member: Int, toPeers: Bool, toClients: Bool) throws {
        for (port, isConnected) in [(peerPort(member), toPeers), (clientPort(member), toClients)] {
            // The port states of the bridge: 0 disabled, 3 forwarding (bridge(8)).
            let command = ["bridge", "link", "set", "dev", port, "state", isConnected ? "3" : "0"]
            _ = try bridges.run("/usr/bin/env", command).output(of: command)
        }
    }

    /// Has what goes to and from a member on its two links take longer, each way by a time in a range; nil for no longer.
    ///
    /// The kernel must have `netem` (tc-netem(8)), see `Host.canDelayPackets`.
    func delay(_ member: Int, by range: ClosedRange<Duration>?) throws {
        let ends = [
            (bridges, clientPort(member)), (bridges, peerPort(member)), (members[member], "client"),
            (members[member], "peer"),
        ]
        for (namespace, device) in ends {
            let change =
                range.map { range in
                    let half = (range.upperBound - range.lowerBound) / 2
                    let times = [range.lowerBound + half, half].map { "\($0 / .microseconds(1))us" }
                    return ["replace", "dev", device, "root", "netem", "delay"] + times
                } ?? ["delete", "dev", device, "root"]
            let command = ["tc", "qdisc"] + change
            let outcome = try namespace.run("/usr/bin/env", command)
            // A device that was not delayed, because another one could not be, has nothing to delete.
            if range != nil { _ = try outcome.output(of: command) }
        }
    }

    private var hostAddress: String { "198.18.\(subnet).1" }

    private func clientPort(_ member: Int) -> String { "client\(member)" }
    private func peerPort(_ member: Int) -> String { "peer\(member)" }

    // Hardware addresses that begin with 02 are given by hand (IEEE 802).
    private static let hostHardware = "02:00:00:00:01:01"
    private func clientHardware(_ member: Int) -> String { "02:00:00:00:01:1\(member)" }
    private func peerHardware(_ member: Int) -> String { "02:00:00:00:02:1\(member)" }

    private static func link(_ subnet: Int) -> String { "wbt\(subnet)" }

    /// Makes the host's link to the bridges' namespace, under the first name of a subnet that is free.
    private static func reserveSubnet(in namespace: NetworkNamespace) throws -> Int {
        for subnet in (0..<256).shuffled() {
            do {
                try ip("link", "add", link(subnet), "type", "veth", "peer", "name", "host", "netns", namespace.name)
                return subnet
            } catch let failure as CommandFailure where failure.outcome.errors.contains("File exists") {
                continue
            }
        }
        throw NetworkNamespaceFailure(reason: "no subnet is free")
    }

    private static func ip(_ arguments: String...) throws {
        let command = ["ip"] + arguments
        _ = try RunningProcess("/usr/bin/env", command).wait().output(of: command)
    }
}
