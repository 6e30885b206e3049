import EtcdLab
import IPTypes
import TestSupport
import Testing

@Suite struct IPAddressParsingTests {
    @Test(arguments: [
        ("0.0.0.0", IPAddress(v4: 0)),
        ("10.0.0.1", IPAddress(v4: 0x0a00_0001)),
        ("255.255.255.255", IPAddress(v4: .max)),
        ("::", IPAddress(v6: 0)),
        ("::1", IPAddress(v6: 1)),
        ("1::", IPAddress(v6: 1 << 112)),
        ("::1.2.3.4", IPAddress(v6: 0x0102_0304)),
        ("::ffff:1.2.3.4", IPAddress(v6: 0xffff_0102_0304)),
        ("1:2:3:4:5:6:7:8", IPAddress(v6: 0x0001_0002_0003_0004_0005_0006_0007_0008)),
        ("1:2:3:4:5:6:7::", IPAddress(v6: 0x0001_0002_0003_0004_0005_0006_0007_0000)),
        ("::2:3:4:5:6:7:8", IPAddress(v6: 0x0000_0002_0003_0004_0005_0006_0007_0008)),
        ("1:2:3::5:6:7:8", IPAddress(v6: 0x0001_0002_0003_0000_0005_0006_0007_0008)),
        ("1:2:3:4:5:6:1.2.3.4", IPAddress(v6: 0x0001_0002_0003_0004_0005_0006_0102_0304)),
        ("2001:DB8:480:603d:0304:0403:000:0000", IPAddress(v6: 0x2001_0db8_0480_603d_0304_0403_0000_0000)),
        ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", IPAddress(v6: .max)),
    ])
    func everyFormOfAnAddressIsRead(text: String, address: IPAddress) throws {
        #expect(try IPAddress(text) == address)
        #expect(try IPAddress(text, syntax: .leadingZeros) == address)
    }

    @Test(arguments: [
        ("", "it is empty"),
        ("pod", "it has neither the dots of IPv4 nor the colons of IPv6"),
        ("10", "it has neither the dots of IPv4 nor the colons of IPv6"),
        ("1.2.3", "it has 3 octets, not 4"),
        ("1.2.3.4.5", "it has 5 octets, not 4"),
        ("1.2..4", "octet 3 is not a decimal number"),
        ("1.2.3.", "octet 4 is not a decimal number"),
        ("1.2.3.4 ", "it ends with a blank"),
        (" 1.2.3.4", "it begins with a blank"), ("1.2. 3.4", "it has a blank in it"),
        ("1.+2.3.4", "octet 2 is not a decimal number"),
        ("1.2.a.4", "octet 3 is not a decimal number"),
        ("1.2.3.\u{0664}", "octet 4 is not a decimal number"),
        ("10.0.0.256", "octet 4 is over 255"),
        ("99999999999999999999.0.0.1", "octet 1 is over 255"),
        ("10.0.0.4/24", "octet 4 is not a decimal number"),
        ("1:2:3:4:5:6:7", "it has 7 groups, not 8"),
        ("1:2:3:4:5:6:7:8:9", "it has 9 groups, not 8"),
        ("1:2:3:4:5:6:7::8", "it has 8 groups, which leaves none for \"::\" to stand for"),
        ("::1:2:3:4:5:6:7:8", "it has 8 groups, which leaves none for \"::\" to stand for"),
        ("1:2:3:4:5:6:7:1.2.3.4", "it has 9 groups, not 8"),
        (":", "a group is empty, and only one \"::\" may stand for missing groups"),
        (":::", "a group is empty, and only one \"::\" may stand for missing groups"),
        ("1::2::3", "a group is empty, and only one \"::\" may stand for missing groups"),
        (":1::2", "a group is empty, and only one \"::\" may stand for missing groups"),
        ("1::2:", "a group is empty, and only one \"::\" may stand for missing groups"),
        ("::12345", "\"12345\" is not a group of 1 to 4 hexadecimal digits"),
        ("::g", "\"g\" is not a group of 1 to 4 hexadecimal digits"),
        ("::-1", "\"-1\" is not a group of 1 to 4 hexadecimal digits"),
        ("1.2.3.4::", "\"1.2.3.4\" is not a group of 1 to 4 hexadecimal digits"),
        ("::1.2.3.4:5", "\"1.2.3.4\" is not a group of 1 to 4 hexadecimal digits"),
        ("::1.2.3", "it has 3 octets, not 4"),
        ("::1.2.3.256", "octet 4 is over 255"),
        ("fe80::1%eth0", "zones are not supported"),
    ])
    func everythingElseIsRefusedWithItsReason(text: String, reason: String) {
        let expected = IPSyntaxError(text: text, expected: "an IP address", reason: reason)
        for syntax in IPSyntax.allCases {
            #expect(throws: expected) { try IPAddress(text, syntax: syntax) }
        }
    }

    @Test(arguments: [
        ("192.168.001.005", "192.168.1.5", 3),
        ("010.0.0.1", "10.0.0.1", 1),
        ("1.2.3.00", "1.2.3.0", 4),
        ("0000255.1.1.1", "255.1.1.1", 1),
        ("::ffff:1.02.3.4", "::ffff:1.2.3.4", 2),
    ])
    func leadingZerosAreDecimalOnlyWhereTheyAreAllowed(text: String, canonical: String, octet: Int) throws {
        #expect(try IPAddress(text, syntax: .leadingZeros).description == canonical)
        let reason = "octet \(octet) has a leading zero"
        #expect(throws: IPSyntaxError(text: text, expected: "an IP address", reason: reason)) { try IPAddress(text) }
    }

    @Test func errorsReadAsSentencesWithTheTextEscaped() {
        let error = #expect(throws: IPSyntaxError.self) { try IPAddress("10.0.0.256") }
        #expect(error?.description == "\"10.0.0.256\" is not an IP address: octet 4 is over 255")
        let escaped = #expect(throws: IPSyntaxError.self) { try IPAddress("1\n\"") }
        #expect(escaped?.description.hasPrefix(#""1\n\"" is not an IP address: "#) == true)
    }

    /// Texts of the characters which matter most to the parsers, and of any bytes at all.
    @Test(arguments: UInt64(0)..<8)
    func garbageIsReadOrRefusedButNeverTraps(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let alphabet = Array("0123459afFxg:::...//-% ".utf8)
        for round in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...44, using: &generator)).map { _ in
                round.isMultiple(of: 4)
                    ? UInt8.random(in: 0...255, using: &generator)
                    : alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            let text = String(decoding: bytes, as: UTF8.self)
            for syntax in IPSyntax.allCases {
                if let address = try? IPAddress(text, syntax: syntax) {
                    #expect(try IPAddress(address.description) == address)
                }
                if let prefix = try? IPPrefix(text, syntax: syntax) {
                    #expect(try IPPrefix(prefix.description) == prefix)
                }
                if let interface = try? InterfaceAddress(text, syntax: syntax) {
                    #expect(try InterfaceAddress(interface.description) == interface)
                }
            }
            #expect(IPAddress(fixedWidthText: text).map { $0.fixedWidthText == text } ?? true)
        }
    }
}
