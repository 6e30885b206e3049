import IPTypes
import Testing

@Suite struct IPPrefixTests {
    @Test(arguments: [
        ("192.168.2.225/28", "192.168.2.224/28", "192.168.2.239"),
        ("10.0.0.0/8", "10.0.0.0/8", "10.255.255.255"),
        ("1.2.3.4/0", "0.0.0.0/0", "255.255.255.255"),
        ("1.2.3.4/31", "1.2.3.4/31", "1.2.3.5"),
        ("255.255.255.255/32", "255.255.255.255/32", "255.255.255.255"),
        ("2001:db8::ff/64", "2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff"),
        ("ffff::/0", "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("::1/127", "::/127", "::1"),
        ("::1/128", "::1/128", "::1"),
        ("::ffff:1.2.3.4/96", "::ffff:0.0.0.0/96", "::ffff:255.255.255.255"),
    ])
    func hostBitsAreMasked(text: String, canonical: String, last: String) throws {
        let prefix = try IPPrefix(text)
        #expect(prefix.description == canonical)
        #expect(prefix.first == prefix.network)
        #expect(try prefix.last == IPAddress(last))
        #expect(try prefix == IPPrefix(canonical))
        #expect(prefix.range.first == prefix.first && prefix.range.last == prefix.last)
    }

    @Test(arguments: [
        ("", "it is empty"),
        ("10.0.0.0", "it has no prefix length, such as /24"),
        ("/24", "it is empty"),
        ("10.0.0.0/", "the prefix length must be 0 to 32, without leading zeros"),
        ("10.0.0.0/33", "the prefix length must be 0 to 32, without leading zeros"),
        ("10.0.0.0/+8", "the prefix length must be 0 to 32, without leading zeros"),
        ("10.0.0.0/-1", "the prefix length must be 0 to 32, without leading zeros"),
        ("10.0.0.0/08", "the prefix length must be 0 to 32, without leading zeros"),
        ("10.0.0.0/00", "the prefix length must be 0 to 32, without leading zeros"),
        ("10.0.0.0/8/8", "the prefix length must be 0 to 32, without leading zeros"),
        ("10.0.0.0/255.0.0.0", "the prefix length must be 0 to 32, without leading zeros"),
        ("10.0.0.0/99999999999999999999", "the prefix length must be 0 to 32, without leading zeros"),
        ("::/129", "the prefix length must be 0 to 128, without leading zeros"),
        ("10.0.0.300/24", "octet 4 is over 255"),
    ])
    func malformedPrefixesAreRefusedWithTheReason(text: String, reason: String) {
        let errors = ["an IP prefix", "an IP address with a prefix length"]
            .map { IPSyntaxError(text: text, expected: $0, reason: reason) }
        #expect(throws: errors[0]) { try IPPrefix(text) }
        #expect(throws: errors[1]) { try InterfaceAddress(text) }
    }

    @Test func leadingZerosInOctetsFollowTheSyntax() throws {
        #expect(try IPPrefix("010.000.000.007/24", syntax: .leadingZeros).description == "10.0.0.0/24")
        #expect(throws: IPSyntaxError.self) { try IPPrefix("010.000.000.007/24") }
    }

    @Test func lengthsOutsideOfTheFamilyMakeNoPrefix() {
        for length in [-1, 33, 128, .min, .max] {
            #expect(IPPrefix(containing: IPAddress(v4: 0), length: length) == nil)
        }
        for length in [-1, 129, .min, .max] {
            #expect(IPPrefix(containing: IPAddress(v6: 0), length: length) == nil)
        }
    }

    /// All prefixes of /24 to /32 around every address of a /24, against a mask made bit by bit.
    @Test func containsExactlyTheAddressesWithTheSameLeadingBits() throws {
        let base: UInt32 = 0xc0a8_0200
        for length in 24...32 {
            for host in stride(from: UInt32(0), to: 256, by: 5) {
                let prefix = try #require(IPPrefix(containing: IPAddress(v4: base + host), length: length))
                let shared = (0..<256).map { other in
                    (0..<length - 24).allSatisfy { (UInt32(other) ^ host) >> (7 - $0) & 1 == 0 }
                }
                #expect((0..<256).map { prefix.contains(IPAddress(v4: base + $0)) } == shared)
            }
        }
    }

    @Test func addressesOfTheOtherFamilyAreNeverContained() throws {
        #expect(try !IPPrefix("0.0.0.0/0").contains(IPAddress("::1.2.3.4")))
        #expect(try !IPPrefix("::/0").contains(IPAddress("1.2.3.4")))
        #expect(try !IPPrefix("::/0").overlaps(IPPrefix("0.0.0.0/0")))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.1.2.0/24", true, true),
        ("10.1.2.0/24", "10.0.0.0/8", false, true),
        ("10.0.0.0/24", "10.0.0.0/8", false, true),
        ("10.0.0.0/24", "10.0.0.99/24", true, true),
        ("10.0.0.0/24", "10.0.1.0/24", false, false),
        ("::/0", "2001:db8::/32", true, true),
    ])
    func prefixesNestOrAreDisjoint(outer: String, inner: String, contains: Bool, overlaps: Bool) throws {
        let (outer, inner) = try (IPPrefix(outer), IPPrefix(inner))
        #expect(outer.contains(inner) == contains)
        #expect(outer.overlaps(inner) == overlaps)
        #expect(inner.overlaps(outer) == overlaps)
    }
}
