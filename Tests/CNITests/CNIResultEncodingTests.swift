import CNI
import IPTypes
import Testing

@Suite struct CNIResultEncodingTests {
    static let dns =
        #"{"domain":"example.org","nameservers":["10.0.0.2"],"options":["ndots:1"],"search":["a.example.org"]}"#

    @Test(arguments: [CNIVersion.v010, .v020])
    func oldestShapeHasOneAddressOfEachFamily(_ version: CNIVersion) throws {
        #expect(
            try fullResult().encoded(for: version).text == """
                {"cniVersion":"\(version)","dns":\(Self.dns),\
                "ip4":{"gateway":"10.0.0.1","ip":"10.0.0.5/24",\
                "routes":[{"dst":"0.0.0.0/0"},{"dst":"192.168.7.7/16","gw":"10.0.0.9"}]},\
                "ip6":{"gateway":"fd00::1","ip":"fd00::5/64","routes":[{"dst":"::/0","gw":"fd00::9"}]}}
                """
        )
    }

    @Test(arguments: [CNIVersion.v030, .v031, .v040])
    func middleShapeNamesTheFamily(_ version: CNIVersion) throws {
        #expect(
            try fullResult().encoded(for: version).text == """
                {"cniVersion":"\(version)","dns":\(Self.dns),\
                "ips":[{"address":"10.0.0.5/24","gateway":"10.0.0.1","version":"4"},\
                {"address":"10.0.0.6/24","version":"4"},\
                {"address":"fd00::5/64","gateway":"fd00::1","version":"6"}],\
                "routes":[{"dst":"0.0.0.0/0"},{"dst":"192.168.7.7/16","gw":"10.0.0.9"},{"dst":"::/0","gw":"fd00::9"}]}
                """
        )
    }

    @Test(arguments: [
        (CNIVersion.v100, ""),
        (.v110, #","mtu":1400,"priority":10,"scope":253,"table":0"#),
    ])
    func latestShapeLeavesTheFamilyOut(_ version: CNIVersion, _ routeAttributes: String) throws {
        let advertisedMSS = routeAttributes.isEmpty ? "" : #""advmss":1360,"#
        #expect(
            try fullResult().encoded(for: version).text == """
                {"cniVersion":"\(version)","dns":\(Self.dns),\
                "ips":[{"address":"10.0.0.5/24","gateway":"10.0.0.1"},{"address":"10.0.0.6/24"},\
                {"address":"fd00::5/64","gateway":"fd00::1"}],\
                "routes":[{"dst":"0.0.0.0/0"},\
                {\(advertisedMSS)"dst":"192.168.7.7/16","gw":"10.0.0.9"\(routeAttributes)},\
                {"dst":"::/0","gw":"fd00::9"}]}
                """
        )
    }

    @Test(arguments: [
        (CNIVersion.v010, #"{"cniVersion":"0.1.0","dns":{},"ip4":{"ip":"10.0.0.5/24"}}"#),
        (.v020, #"{"cniVersion":"0.2.0","dns":{},"ip4":{"ip":"10.0.0.5/24"}}"#),
        (.v030, #"{"cniVersion":"0.3.0","dns":{},"ips":[{"address":"10.0.0.5/24","version":"4"}]}"#),
        (.v031, #"{"cniVersion":"0.3.1","dns":{},"ips":[{"address":"10.0.0.5/24","version":"4"}]}"#),
        (.v040, #"{"cniVersion":"0.4.0","dns":{},"ips":[{"address":"10.0.0.5/24","version":"4"}]}"#),
        (.v100, #"{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.5/24"}]}"#),
        (.v110, #"{"cniVersion":"1.1.0","ips":[{"address":"10.0.0.5/24"}]}"#),
    ])
    func emptyPartsAreOmitted(_ version: CNIVersion, _ json: String) throws {
        let result = CNIResult(ips: [.init(address: try InterfaceAddress("10.0.0.5/24"))])
        #expect(try result.encoded(for: version).text == json)
    }

    @Test func oldestShapeOmitsRoutesOfAFamilyWithoutAddress() throws {
        var result = try fullResult()
        result.ips.removeAll { $0.address.address.family == .ipv4 }
        result.dns = .init(domain: "example.org")
        #expect(
            try result.encoded(for: .v020).text == """
                {"cniVersion":"0.2.0","dns":{"domain":"example.org"},\
                "ip6":{"gateway":"fd00::1","ip":"fd00::5/64","routes":[{"dst":"::/0","gw":"fd00::9"}]}}
                """
        )
    }

    @Test(arguments: CNIVersion.supported)
    func onlyTheOldestShapeNeedsAnAddress(_ version: CNIVersion) throws {
        let result = CNIResult()
        switch version {
        case .v010, .v020:
            let error = #expect(throws: CNIError.self) { try result.encoded(for: version) }
            #expect(error?.code == .incompatibleVersion)
        case .v030, .v031, .v040:
            #expect(try result.encoded(for: version).text == #"{"cniVersion":"\#(version)","dns":{}}"#)
        case .v100, .v110:
            #expect(try result.encoded(for: version).text == #"{"cniVersion":"\#(version)"}"#)
        }
    }
}
