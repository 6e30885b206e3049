import IPTypes
import Testing

@Suite struct InterfaceAddressTests {
    @Test(arguments: [
        ("192.168.2.225/28", "192.168.2.224/28"),
        ("255.255.255.255/0", "0.0.0.0/0"),
        ("2001:db8::ff/64", "2001:db8::/64"),
        ("::1/128", "::1/128"),
    ])
    func hostBitsAreKeptBesideTheMaskedPrefix(text: String, prefix: String) throws {
        let interface = try InterfaceAddress(text)
        #expect(interface.description == text)
        #expect(interface.prefix.description == prefix)
        #expect(interface.prefixLength == interface.prefix.length)
        #expect(interface == InterfaceAddress(interface.address, prefixLength: interface.prefixLength))
    }

    @Test func lengthsOutsideOfTheFamilyMakeNoInterfaceAddress() {
        #expect(InterfaceAddress(IPAddress(v4: 1), prefixLength: 33) == nil)
        #expect(InterfaceAddress(IPAddress(v4: 1), prefixLength: -1) == nil)
        #expect(InterfaceAddress(IPAddress(v6: 1), prefixLength: 129) == nil)
    }

    @Test func hostsAreAloneInTheirNetwork() {
        #expect(InterfaceAddress(host: IPAddress(v4: 1)).description == "0.0.0.1/32")
        #expect(InterfaceAddress(host: IPAddress(v6: 1)).description == "::1/128")
    }

    @Test func leadingZerosInOctetsFollowTheSyntax() throws {
        #expect(try InterfaceAddress("10.0.0.007/24", syntax: .leadingZeros).description == "10.0.0.7/24")
        #expect(throws: IPSyntaxError.self) { try InterfaceAddress("10.0.0.007/24") }
    }
}
