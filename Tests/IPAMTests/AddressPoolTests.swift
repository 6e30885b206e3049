import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

/// The arithmetic of ranges: upstream's vectors, the small prefixes which differ from it, and a brute-force model.
@Suite struct AddressPoolTests {
    static func pool(
        _ range: String,
        _ start: String? = nil,
        _ end: String? = nil,
        exclude: [String] = []
    ) throws -> AddressPool {
        try RangeSpecification(range: range, rangeStart: start, rangeEnd: end, exclude: exclude)
            .pool(excludingGateways: [], boundsSyntax: .leadingZeros)
    }

    /// A range, its start and end, and the first and last address which must come of them.
    static let vectors: [(String, String?, String?, String, String)] = [
        ("192.168.21.100/30", nil, nil, "192.168.21.101", "192.168.21.102"),
        ("192.168.2.200/27", nil, nil, "192.168.2.193", "192.168.2.222"),
        ("192.168.2.200/24", "192.168.2.23", nil, "192.168.2.23", "192.168.2.254"),
        ("192.168.2.200/24", "192.168.1.23", "192.168.3.23", "192.168.2.1", "192.168.2.254"),
        ("192.168.2.0/24", "192.168.2.100", "192.168.2.50", "192.168.2.100", "192.168.2.254"),
        ("192.168.2.0/24", "192.168.2.50", "192.168.2.50", "192.168.2.50", "192.168.2.50"),
        ("192.168.2.0/24", "192.168.2.0", "192.168.2.255", "192.168.2.1", "192.168.2.254"),
        ("192.168.2.0/24", "192.168.2.1", "192.168.2.254", "192.168.2.1", "192.168.2.254"),
        ("192.168.2.0/24", "2001:db8::1", "::192.168.2.9", "192.168.2.1", "192.168.2.254"),
        ("192.168.001.005/24", "192.168.001.006", nil, "192.168.1.6", "192.168.1.254"),
        ("10.0.0.0/16", nil, nil, "10.0.0.1", "10.0.255.254"),
        ("0.0.0.0/0", nil, nil, "0.0.0.1", "255.255.255.254"),
        ("2001::0/116", nil, nil, "2001::1", "2001::ffe"),
        ("2001:db8:abcd:12::/64", nil, nil, "2001:db8:abcd:12::1", "2001:db8:abcd:12:ffff:ffff:ffff:fffe"),
        ("fd00::/96", nil, nil, "fd00::1", "fd00::ffff:fffe"),
        ("::/0", nil, nil, "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"),
        (
            "2001:db8:480:603d:0304:0403:000:0000-2001:db8:480:603d:0304:0403:0000:0004/64", nil, nil,
            "2001:db8:480:603d:304:403::", "2001:db8:480:603d:304:403:0:4"
        ),
        (
            "2001:db8:5422:0005::-2001:db8:5422:0005:7fff:ffff:ffff:ffff/64", nil, nil,
            "2001:db8:5422:5::1", "2001:db8:5422:5:7fff:ffff:ffff:ffff"
        ),
        ("192.168.2.10-192.168.2.20/24", "192.168.2.1", "junk", "192.168.2.10", "192.168.2.20"),
        ("192.168.002.010-192.168.002.020/24", nil, nil, "192.168.2.10", "192.168.2.20"),
        ("10.0.0.0/31", nil, nil, "10.0.0.0", "10.0.0.1"),
        ("10.0.0.0/31", "10.0.0.1", nil, "10.0.0.1", "10.0.0.1"),
        ("10.0.0.7/32", nil, nil, "10.0.0.7", "10.0.0.7"),
        ("10.0.0.7-10.0.0.7/32", nil, nil, "10.0.0.7", "10.0.0.7"),
        ("255.255.255.255/32", nil, nil, "255.255.255.255", "255.255.255.255"),
        ("0.0.0.0/32", nil, nil, "0.0.0.0", "0.0.0.0"),
        ("fd00::/127", nil, nil, "fd00::", "fd00::1"),
        ("fd00::5/128", nil, nil, "fd00::5", "fd00::5"),
    ]

    @Test(arguments: vectors)
    func boundsAreThoseOfUpstream(
        range: String,
        start: String?,
        end: String?,
        first: String,
        last: String
    ) throws {
        let pool = try Self.pool(range, start, end)
        #expect(try pool.bounds == IPRange(IPAddress(first), IPAddress(last)))
        #expect(pool.allocatable == IPRangeSet([pool.bounds]))
        #expect(pool.capacity == pool.bounds.count)
        #expect(pool.family == pool.range.family)
    }

    @Test(arguments: [
        ("192.168.1.0/24", ["192.168.1.0/28", "192.168.1.16/28"], "192.168.1.32"),
        ("caa5::0/112", ["caa5::0/113"], "caa5::8000"),
        ("192.168.1.44/28", [], "192.168.1.33"),
        ("192.168.1.0/24", ["192.168.1.9/28"], "192.168.1.16"),
        ("192.168.1.0/24", ["192.168.1.1", "192.168.1.2-192.168.1.9"], "192.168.1.10"),
        ("192.168.1.0/24", ["10.0.0.0/8", "fd00::/8", "::/0"], "192.168.1.1"),
    ])
    func lowestAllocatableAddressIsPastTheExcludes(range: String, exclude: [String], lowest: String) throws {
        #expect(try Self.pool(range, exclude: exclude).allocatable.first == IPAddress(lowest))
    }

    @Test func boundsWithoutEffectAreNoted() throws {
        let pool = try Self.pool("192.168.2.0/24", "192.168.2.100", "192.168.2.50")
        #expect(
            pool.ignoredBounds == ["the end 192.168.2.50 is outside of 192.168.2.100-192.168.2.254 and is ignored"]
        )
        #expect(try Self.pool("192.168.2.0/24", "10.0.0.1").ignoredBounds.count == 1)
        #expect(try Self.pool("192.168.2.0/24", "192.168.2.1", "192.168.2.254").ignoredBounds == [])
    }

    @Test func addressesGetThePrefixLengthOfTheRange() throws {
        let pool = try Self.pool("192.168.2.224/28")
        #expect(try pool.interfaceAddress(IPAddress("192.168.2.225")).description == "192.168.2.225/28")
        let foreign = try Self.pool("fd00::/64").interfaceAddress(IPAddress(v4: 1))
        #expect(foreign.description == "0.0.0.1/32")
    }

    /// Random ranges, bounds, excludes and gateways of 24 to 30 bits (IPv6: 120 to 126), address by address.
    @Test(arguments: IPFamily.allCases, UInt64(0)..<25)
    func poolsAgreeWithEnumeration(family: IPFamily, seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let base: UInt128 = family == .ipv4 ? 0x0a01_0200 : 0xfd00_0000_0000_0000_0000_0000_0001_0200
        func address(_ offset: Int) throws -> IPAddress {
            try #require(IPAddress(family: family, value: base + UInt128(offset)))
        }
        for _ in 0..<20 {
            let hostBits = Int.random(in: 2...8, using: &generator)
            let size = 1 << hostBits
            let network = Int.random(in: 0..<256, using: &generator) / size * size
            let near = max(0, network - 4)..<network + size + 4
            let host = Int.random(in: network..<network + size, using: &generator)
            let start = Bool.random(using: &generator) ? Int.random(in: near, using: &generator) : nil
            let end = Bool.random(using: &generator) ? Int.random(in: near, using: &generator) : nil
            let gateway = Int.random(in: near, using: &generator)
            let excludes = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                let low = Int.random(in: near, using: &generator)
                return low...low + Int.random(in: 0...6, using: &generator)
            }

            var usable = network + 1...network + size - 2
            if let start, usable.contains(start) { usable = start...usable.upperBound }
            if let end, usable.contains(end) { usable = usable.lowerBound...end }
            let free = usable.filter { offset in offset != gateway && !excludes.contains { $0.contains(offset) } }
            let expected = try free.map(address)

            let specification = RangeSpecification(
                range: "\(try address(host))/\(family.bitWidth - hostBits)",
                rangeStart: try start.map { try address($0).description },
                rangeEnd: try end.map { try address($0).description },
                exclude: try excludes.map { "\(try address($0.lowerBound))-\(try address($0.upperBound))" }
            )
            let pool = try? specification.pool(excludingGateways: [address(gateway)], boundsSyntax: .strict)
            let allocatable = pool?.allocatable ?? IPRangeSet([])
            let members = try (0..<520).map(address).filter(allocatable.contains)
            #expect(members == expected, "\(specification), gateway at offset \(gateway)")
            #expect(pool == nil || pool?.capacity == UInt128(expected.count))
        }
    }
}
