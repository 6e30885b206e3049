/// A well-formed message of each response but those of KV, with every field set.
enum ResponseBytes {
    private typealias Bytes = ProtobufBytes

    private static func text(_ number: UInt64, _ text: String) -> [UInt8] {
        Bytes.field(number, Array(text.utf8))
    }

    static let leaseGrant = Bytes.header + Bytes.field(2, 21) + Bytes.field(3, 22)
    static let leaseTimeToLive =
        Bytes.header + Bytes.field(2, 21) + Bytes.field(3, 20) + Bytes.field(4, 22) + text(5, "a")
        + Bytes.field(5, [0, 1])
    static let leases = Bytes.header + Bytes.field(2, Bytes.field(1, 21)) + Bytes.field(2, Bytes.field(1, 23))

    private static let member =
        Bytes.field(1, 31) + text(2, "one") + text(3, "http://p:1") + text(3, "http://p:2") + text(4, "http://c:1")
        + Bytes.field(5, 1)
    static let memberAdd = Bytes.header + Bytes.field(2, member) + Bytes.field(3, member) + Bytes.field(3, member)
    static let members = Bytes.header + Bytes.field(2, member) + Bytes.field(2, Bytes.field(1, 32))

    static let status =
        Bytes.header + text(2, "3.5.1") + Bytes.field(3, 41) + Bytes.field(4, 42) + Bytes.field(5, 43)
        + Bytes.field(6, 44) + Bytes.field(7, 45) + text(8, "ill") + text(8, "worse") + Bytes.field(9, 46)
        + Bytes.field(10, 1)
    static let alarm =
        Bytes.header + Bytes.field(2, Bytes.field(1, 51) + Bytes.field(2, 1))
        + Bytes.field(2, Bytes.field(1, 52) + Bytes.field(2, 2))
        + Bytes.field(2, Bytes.field(1, 53) + Bytes.field(2, 9))
    static let hashKV = Bytes.header + Bytes.field(2, 0xffff_fff0) + Bytes.field(3, 61)

    static let authenticate = Bytes.header + text(2, "token.7")
    static let authStatus = Bytes.header + Bytes.field(2, 1) + Bytes.field(3, 71)
    static let authNames = Bytes.header + text(2, "root") + text(2, "a\0b")
    static let authRoleGet =
        Bytes.header + Bytes.field(2, text(2, "a")) + Bytes.field(2, Bytes.field(1, 1) + text(2, "b") + text(3, "c"))
        + Bytes.field(2, Bytes.field(1, 2) + text(2, "d") + Bytes.field(3, [0]))
}
