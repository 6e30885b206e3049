internal import EtcdClient
internal import IPAM

/// When an attachment was deleted, as its fence holds it: the name of its node's start and the nanoseconds since, in fixed width, so
/// that the order of the texts of one start is that of time; nothing for an attachment that was not deleted.
enum FenceMoment {
    private static let width = 19

    /// The text of a moment.
    static func text(_ moment: NodeMoment.Uptime?) -> String {
        guard let moment else { return "" }
        let digits = String(max(0, moment.nanoseconds))
        return "\(moment.boot)/\(String(repeating: "0", count: max(0, width - digits.count)))\(digits)"
    }

    /// The moment that a fence holds; nil for none.
    static func moment(_ value: [UInt8]) -> NodeMoment.Uptime? {
        let parts = String(decoding: value, as: UTF8.self).split(separator: "/")
        guard parts.count == 2, let nanoseconds = Int64(parts[1]) else { return nil }
        return NodeMoment.Uptime(boot: String(parts[0]), nanoseconds: nanoseconds)
    }

    /// The conditions under which a fence keeps what it holds: a later deletion behind the same start, or anything when there is no
    /// deletion to note.
    static func keeps(_ key: Key, from moment: NodeMoment.Uptime?) -> [Compare] {
        guard let moment else { return [] }
        // The zero follows the slash.
        return [
            Compare(key, .greater, .value([UInt8](text(moment).utf8))),
            Compare(key, .less, .value([UInt8]("\(moment.boot)0".utf8))),
        ]
    }
}
