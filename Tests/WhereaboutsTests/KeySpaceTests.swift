import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

@Suite struct KeySpaceTests {
    // MARK: - Escaping

    @Test(arguments: [
        ("", ""), ("eth0", "eth0"), ("a-b.c_D9", "a-b.c_D9"), ("a/b", "a%2Fb"), ("a%2Fb", "a%252Fb"), (" ", "%20"),
        ("@:~", "%40%3A%7E"), ("é", "%C3%A9"), ("\0\n\u{7f}", "%00%0A%7F"), ("..", ".."),
    ])
    func escapeKeepsWhatIsSafeAndWritesTheRestInHexadecimal(text: String, escaped: String) {
        #expect(KeySpace.escape(text) == escaped)
    }

    @Test(arguments: UInt64(0)..<4) func escapeCanBeUndoneAndYieldsOnlyAllowedCharacters(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        // Texts that escaped forms of others look like come up often.
        let scalars = Array("ab09-._%2F/@:~ \0\n\u{7f}é€😀\u{301}".unicodeScalars)
        for step in 0..<500 {
            var text = ""
            for _ in 0..<Int.random(in: 0..<12, using: &random) {
                text.unicodeScalars.append(try #require(scalars.randomElement(using: &random)))
            }
            let escaped = KeySpace.escape(text)
            let comment = Comment(rawValue: "seed \(seed), step \(step): \(text.debugDescription) as \(escaped)")
            #expect(escaped.wholeMatch(of: /(?:[A-Za-z0-9._-]|%[0-9A-F]{2})*/) != nil, comment)
            // What can be undone is injective.
            let undone = try Self.unescape(escaped)
            #expect(undone.elementsEqual(text.utf8), comment)
        }
    }

    private static func unescape(_ text: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if character == "%" {
                bytes.append(try #require(UInt8(rest.prefix(2), radix: 16)))
                rest = rest.dropFirst(2)
            } else {
                bytes.append(try #require(character.asciiValue))
            }
        }
        return bytes
    }

    // MARK: - Addresses in keys

    static func randomAddress(_ random: inout SplitMix64) -> IPAddress {
        // Of all sizes, so that widths differ.
        if Bool.random(using: &random) {
            let value = UInt32.random(in: 0 ... .max, using: &random)
            return IPAddress(v4: value >> UInt32.random(in: 0..<32, using: &random))
        }
        let value = UInt128.random(in: 0 ... .max, using: &random)
        return IPAddress(v6: value >> UInt128.random(in: 0..<128, using: &random))
    }

    static let domains = [
        AllocationDomain(networkName: ""), AllocationDomain(networkName: "default"),
        AllocationDomain(networkName: "a/b"), AllocationDomain(networkName: "a%2Fb"),
        AllocationDomain(networkName: "a@b"), AllocationDomain(networkName: "a:b"),
        AllocationDomain(networkName: "a b"), AllocationDomain(networkName: " "),
        AllocationDomain(networkName: "network:default"), AllocationDomain(networkName: "@10.0.0.0/24"),
        AllocationDomain(networkName: "default@10.0.0.0%2F24"), AllocationDomain(networkName: "ü"),
    ]

    @Test(arguments: UInt64(0)..<4) func parseUndoesSuffix(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let attachment = Attachment(containerID: "c1", interfaceName: "eth0.1@x")
        let prefixes = [
            KeySpace.attachmentPrefix(attachment), KeySpace.nodePrefix("node/a"),
            KeySpace.podPrefix(PodReference(namespace: "default", name: "web-0"), interfaceName: "eth0"),
        ]
        for _ in 0..<200 {
            let address = Self.randomAddress(&random)
            let domain = try #require(Self.domains.randomElement(using: &random)).keyPart
            for prefix in prefixes {
                let key = Key(prefix + KeySpace.suffix(domain, address))
                let parsed = KeySpace.parse(key, after: prefix)
                #expect(parsed?.domain == domain && parsed?.address == address, "seed \(seed): \(key)")
            }
        }
    }

    @Test(arguments: [
        "", "default", "default/ipv4", "default/ipv4/", "default/ipv4/10.0.0.1", "default/ipv4/010.000.000.001/",
        "default/ipv6/010.000.000.001", "default/ipv4/fd00:0000:0000:0000:0000:0000:0000:0001",
        "default/ipv5/010.000.000.001", "x/default/ipv4/010.000.000.001", "default/ipv4/010.000.000.256",
        "/ipv6/FD00:0000:0000:0000:0000:0000:0000:0001",
    ])
    func aMalformedKeyIsNotParsed(end: String) {
        let prefix = KeySpace.nodePrefix("node-a")
        #expect(KeySpace.parse(Key(prefix + end), after: prefix) == nil)
    }

    /// What would be read from it is another key's.
    @Test func aKeyThatIsNoUTF8IsNotParsed() {
        let prefix = KeySpace.nodePrefix("node-a")
        let end = Array("defaul".utf8) + [0xd8, 0xd8] + Array("/ipv4/010.000.000.001".utf8)
        #expect(KeySpace.parse(Key(Array(prefix.utf8) + end), after: prefix) == nil)
    }

    @Test func aKeyOfAnotherOwnerIsNotParsed() throws {
        let key = Key(KeySpace.nodePrefix("node-a") + KeySpace.suffix("default", try IPAddress("10.0.0.1")))
        #expect(KeySpace.parse(key, after: KeySpace.nodePrefix("node-a")) != nil)
        #expect(KeySpace.parse(key, after: KeySpace.nodePrefix("node-b")) == nil)
    }

    @Test(arguments: UInt64(0)..<4) func theOrderOfKeysIsTheOrderOfAddressesWithinAFamily(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let addresses = (0..<120).map { _ in Self.randomAddress(&random) }
        for left in addresses {
            for right in addresses where left.family == right.family {
                let isBefore = KeySpace.address("default", left) < KeySpace.address("default", right)
                #expect(isBefore == (left < right), "seed \(seed): \(left) and \(right)")
            }
        }
    }

    @Test(arguments: [
        (
            "10.0.0.0", "10.0.0.255", ["10.0.0.0", "10.0.0.9", "10.0.0.255"],
            ["9.255.255.255", "10.0.1.0", "a00::", "::10"]
        ),
        (
            "fd00::", "fd00::ffff", ["fd00::", "fd00::a", "fd00::ffff"],
            ["fcff::ffff", "fd00::1:0", "253.0.0.0", "15.0.0.9"]
        ),
    ])
    func aStretchOfKeysHoldsItsAddressesAndNoOthers(
        first: String,
        last: String,
        inside: [String],
        outside: [String]
    ) throws {
        let stretch = try #require(IPRange(try IPAddress(first), try IPAddress(last)))
        for (keys, key) in [
            (KeySpace.addresses("default", stretch), KeySpace.address),
            (KeySpace.free("default", stretch), KeySpace.free),
        ] as [(KeyRange, (String, IPAddress) -> Key)] {
            func contains(_ key: Key) -> Bool { keys.start <= key && key < Key(keys.end) }
            #expect(try inside.allSatisfy { contains(key("default", try IPAddress($0))) })
            #expect(try !outside.contains { contains(key("default", try IPAddress($0))) })
            #expect(!contains(key("default@10.0.0.0%2F24", stretch.first)))
        }
    }

    // MARK: - Parts that must differ

    @Test func differentDomainsHaveDifferentKeyParts() throws {
        let ranges = try [nil, "10.0.0.0/24", "10.0.0.0/25", "fd00::/64"].map { text in
            try text.map { try IPPrefix($0) }
        }
        let all = Self.domains.flatMap { domain in
            ranges.map { AllocationDomain(networkName: domain.networkName, range: $0) }
        }
        #expect(Set(all.map(\.keyPart)).count == all.count)
        for part in all.map(\.keyPart) {
            #expect(part.wholeMatch(of: /[A-Za-z0-9._:%-]+(@[A-Za-z0-9._%-]+)?/) != nil, "\(part)")
        }
        #expect(AllocationDomain(networkName: "").keyPart == "default")
    }

    @Test func poolsThatDifferHaveFrontiersOfTheirOwn() throws {
        let pools = try [
            RangeSpecification(range: "10.0.0.0/24"), RangeSpecification(range: "10.0.0.0/25"),
            RangeSpecification(range: "10.0.0.0/24", rangeStart: "10.0.0.2"),
            RangeSpecification(range: "10.0.0.0/24", rangeEnd: "10.0.0.253"),
            RangeSpecification(range: "10.0.0.0/24", exclude: ["10.0.0.7"]),
            RangeSpecification(range: "10.0.0.0/24", exclude: ["10.0.0.8"]),
            RangeSpecification(range: "fd00::/64"),
        ].map { try $0.pool(excludingGateways: [], boundsSyntax: .strict) }
        #expect(Set(pools.map { KeySpace.frontier("default", $0) }).count == pools.count)
        #expect(KeySpace.frontier("default", pools[0]) != KeySpace.frontier("network:a", pools[0]))
        // It stays the same where only the way of writing differs.
        let same = RangeSpecification(range: "10.0.0.1-10.0.0.254/24")
        let samePool = try same.pool(excludingGateways: [], boundsSyntax: .strict)
        #expect(KeySpace.frontier("default", samePool) == KeySpace.frontier("default", pools[0]))
    }

    @Test func ownersThatDifferHavePrefixesOfWhichNoneBeginsWithAnother() throws {
        let names = ["c", "c1", "c/1", "c%2F1", "c/", "1", ""]
        var prefixes: [String] = []
        for first in names {
            prefixes.append(KeySpace.nodePrefix(first))
            for second in names {
                prefixes.append(KeySpace.attachmentPrefix(Attachment(containerID: first, interfaceName: second)))
                for third in names {
                    let pod = PodReference(namespace: first, name: second)
                    prefixes.append(KeySpace.podPrefix(pod, interfaceName: third))
                }
            }
        }
        let keys = Set(prefixes.map { Key($0) })
        #expect(keys.count == prefixes.count)
        let sorted = keys.sorted()
        // In order, a prefix stands right before what begins with it.
        for (one, next) in zip(sorted, sorted.dropFirst()) {
            #expect(!next.bytes.starts(with: one.bytes), "\(one) and \(next)")
        }
    }

    // MARK: - Beside the layout of 2022

    @Test func neitherLayoutTakesTheOthersKeysForItsOwn() throws {
        let address = try IPAddress("10.0.0.1")
        let owner = AllocationOwner(
            attachment: Attachment(containerID: "c1", interfaceName: "eth0"),
            pod: PodReference(namespace: "default", name: "web-0"),
            node: "node-a",
            network: "lab"
        )
        let pool = AddressPool(range: try IPPrefix("10.0.0.0/24"), excluding: IPRangeSet([]))
        let ours =
            [
                KeySpace.address("default", address), KeySpace.free("default", address),
                KeySpace.frontier("default", pool),
            ] + KeySpace.indexKeys(owner, "default", address)
        #expect(ours.count == 6)
        #expect(ours.allSatisfy { $0.description.hasPrefix(KeySpace.prefix) })
        for old in ["/whereabouts/10.0.0.0/24", "/whereabouts/fd00::/64", "/whereabouts/10.0.0.0/24/694d7f0b"] {
            #expect(!old.hasPrefix(KeySpace.prefix))
            #expect(!ours.contains { $0.description.hasPrefix(old) })
        }
    }
}
