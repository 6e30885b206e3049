internal import EtcdClient
internal import IPAM
internal import SystemPackage

extension NodeMoment {
    /// The name of the machine's present start (random(4)); nil where the kernel does not say.
    static let currentBoot: String? = {
        let bytes = try? FileDescriptor.contents(of: FilePath("/proc/sys/kernel/random/boot_id"))
        // Up to the line's end.
        let text = String(decoding: (bytes ?? []).prefix { $0 > UInt8(ascii: " ") }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }()

    /// The present moment.
    static var now: NodeMoment {
        NodeMoment(
            time: Timestamp.now,
            uptime: currentBoot.map { Uptime(boot: $0, nanoseconds: MonotonicClock.now()) }
        )
    }

    /// Whether this moment came before another one of this node.
    func precedes(_ other: NodeMoment) -> Bool {
        precedes(other, since: Self.currentBoot)
    }
}
