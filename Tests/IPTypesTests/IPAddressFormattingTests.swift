import EtcdLab
import IPTypes
import TestSupport
import Testing

@Suite struct IPAddressFormattingTests {
    /// The examples of RFC 5952, section by section, and the edges of its rules.
    @Test(arguments: [
        ("2001:0db8::0001", "2001:db8::1"),
        ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:DB8::AAAA:1", "2001:db8::aaaa:1"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("1:0:0:0:0:0:0:0", "1::"),
        ("0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1"),
        ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("2001:db8:480:603d:304:403::", "2001:db8:480:603d:304:403::"),
        ("::ffff:c0a8:1", "::ffff:192.168.0.1"),
        ("::ffff:0:0", "::ffff:0.0.0.0"),
        ("::1:ffff:c0a8:1", "::1:ffff:c0a8:1"),
        ("::1.2.3.4", "::102:304"),
        ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
        ("FFFF:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
    func ipv6IsWrittenAsRFC5952Recommends(text: String, canonical: String) throws {
        #expect(try IPAddress(text).description == canonical)
        #expect(try IPAddress(canonical).description == canonical)
    }

    @Test(arguments: [
        ("192.168.2.225", "192.168.002.225"),
        ("0.0.0.0", "000.000.000.000"),
        ("255.255.255.255", "255.255.255.255"),
        ("2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001"),
        ("::ffff:1.2.3.4", "0000:0000:0000:0000:0000:ffff:0102:0304"),
    ])
    func fixedWidthTextKeepsEveryDigit(text: String, fixed: String) throws {
        let address = try IPAddress(text)
        #expect(address.fixedWidthText == fixed)
        #expect(IPAddress(fixedWidthText: fixed) == address)
    }

    @Test(arguments: [
        "", "10.0.0.1", "010.0.0.1", "010.000.000.256", "0010.000.000.001", "010.000.000.001 ", "::1",
        "2001:0DB8:0000:0000:0000:0000:0000:0001", "0000:0000:0000:0000:0000:ffff:001.002.003.004",
        "0000:0000:0000:0000:0000:0000:0000", "00000:0000:0000:0000:0000:0000:0000:001",
    ])
    func fixedWidthTextIsReadStrictly(text: String) {
        #expect(IPAddress(fixedWidthText: text) == nil)
    }

    @Test(arguments: IPFamily.allCases, UInt64(0)..<4)
    func textsLeadBackToTheAddress(family: IPFamily, seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let address = IPAddress.random(family, using: &generator)
            #expect(try IPAddress(address.description) == address)
            #expect(IPAddress(fixedWidthText: address.fixedWidthText) == address)
        }
    }

    /// Every pattern of zero and non-zero groups, against the rule put as: no other run of zeros is a better gap.
    @Test func theGapIsTheFirstLongestRunOfZeroGroups() throws {
        for pattern in 0..<256 {
            let groups = (0..<8).map { pattern >> $0 & 1 }
            let address = try IPAddress(groups.map(String.init).joined(separator: ":"))
            let runs = (0..<8).flatMap { start in (start + 2..<9).map { start..<$0 } }
                .filter { groups[$0].allSatisfy { $0 == 0 } }
            let gap = runs.max { ($0.count, $1.lowerBound) < ($1.count, $0.lowerBound) }
            let parts = gap.map { [groups[..<$0.lowerBound], groups[$0.upperBound...]] } ?? [groups[...]]
            let text = parts.map { $0.map(String.init).joined(separator: ":") }.joined(separator: "::")
            #expect(address.description == text)
        }
    }

    @Test(arguments: IPFamily.allCases, UInt64(0)..<4)
    func fixedWidthTextOrdersByBytesAsTheAddressesDoByValue(family: IPFamily, seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let addresses = (0..<300).map { _ in IPAddress.random(family, using: &generator) }
        let byText = addresses.sorted { $0.fixedWidthText.utf8.lexicographicallyPrecedes($1.fixedWidthText.utf8) }
        #expect(byText == addresses.sorted())
    }
}
