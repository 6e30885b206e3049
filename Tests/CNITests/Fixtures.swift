import CNI
import IPTypes

/// The environment of a good call.
func environment(_ command: CNICommand, _ changes: [String: String?] = [:]) -> [String: String] {
    var variables: [String: String?] = [
        "CNI_COMMAND": command.rawValue,
        "CNI_CONTAINERID": "some-container-id",
        "CNI_NETNS": "/some/netns/path",
        "CNI_IFNAME": "eth0",
        "CNI_PATH": "/some/cni/path",
    ]
    variables.merge(changes) { $1 }
    return variables.compactMapValues { $0 }
}

/// A good configuration, with what a command wants in addition.
func configuration(_ version: CNIVersion, _ members: String = "") -> String {
    #"{"cniVersion":"\#(version)","name":"net","type":"macvlan","ipam":{"type":"whereabouts"}\#(members)}"#
}

/// A result with all that the model has.
func fullResult() throws -> CNIResult {
    CNIResult(
        ips: [
            .init(address: try InterfaceAddress("10.0.0.5/24"), gateway: try IPAddress("10.0.0.1")),
            .init(address: try InterfaceAddress("10.0.0.6/24")),
            .init(address: try InterfaceAddress("fd00::5/64"), gateway: try IPAddress("fd00::1")),
        ],
        routes: [
            .init(destination: try InterfaceAddress("0.0.0.0/0")),
            .init(
                destination: try InterfaceAddress("192.168.7.7/16"),
                gateway: try IPAddress("10.0.0.9"),
                mtu: 1400,
                advertisedMSS: 1360,
                priority: 10,
                table: 0,
                scope: 253
            ),
            .init(destination: try InterfaceAddress("::/0"), gateway: try IPAddress("fd00::9")),
        ],
        dns: .init(nameservers: ["10.0.0.2"], domain: "example.org", search: ["a.example.org"], options: ["ndots:1"])
    )
}

extension Array where Element == UInt8 {
    /// The bytes as text.
    var text: String {
        String(decoding: self, as: UTF8.self)
    }
}

/// A generator of numbers which a seed determines, so that a failure can be replayed.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
