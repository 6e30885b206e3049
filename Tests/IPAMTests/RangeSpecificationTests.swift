import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

/// What a user may write for a range, and what the answer is to all else.
@Suite struct RangeSpecificationTests {
    static let rangeForms = "use a CIDR such as 192.168.2.0/24, or 192.168.2.10-192.168.2.20/24"
    static let boundForms = "use an address of the range, such as 192.168.2.10"
    static let excludeForms = "use a CIDR such as 192.168.2.0/28, an address, or 192.168.2.10-192.168.2.20"

    @Test(arguments: [
        ("", "range: \"\" is not an IP prefix: it is empty; \(rangeForms)"),
        (" ", "range: \" \" is not an IP prefix: it ends with a blank; \(rangeForms)"),
        (
            "192.168.2.0",
            "range: \"192.168.2.0\" is not an IP prefix: it has no prefix length, such as /24; \(rangeForms)"
        ),
        (
            "10.0.0.1-10.0.0.9",
            """
            range: "10.0.0.1-10.0.0.9" is not valid, since "10.0.0.9" is not an IP address with a prefix length: \
            it has no prefix length, such as /24; \(rangeForms)
            """
        ),
        (
            "10.0.0.1 - 10.0.0.9/24",
            """
            range: "10.0.0.1 - 10.0.0.9/24" is not valid, since "10.0.0.1 " is not an IP address: \
            it ends with a blank; \(rangeForms)
            """
        ),
        (
            "10.0.0.20-10.0.0.10/24",
            "range: \"10.0.0.20-10.0.0.10/24\" ends before it starts; use 10.0.0.10-10.0.0.20/24"
        ),
        (
            "10.0.0.20-10.0.1.10/24",
            """
            range: "10.0.0.20-10.0.1.10/24" starts outside of 10.0.1.0/24, the network of its end; \
            use two addresses of one network
            """
        ),
        (
            "10.0.0.20-fd00::1/64",
            """
            range: "10.0.0.20-fd00::1/64" starts outside of fd00::/64, the network of its end; \
            use two addresses of one network
            """
        ),
    ])
    func aBadRangeIsNamedWithTheRemedy(range: String, message: String) {
        let error = #expect(throws: RangeError.self) {
            try RangeSpecification(range: range).pool(excludingGateways: [], boundsSyntax: .strict)
        }
        #expect(error?.description == message)
        #expect(error?.key == "range" && error?.value == range)
    }

    @Test func badBoundsAreNamedWithTheRemedy() {
        let start = #expect(throws: RangeError.self) {
            try RangeSpecification(range: "10.0.0.0/24", rangeStart: "10.0.0.x")
                .pool(excludingGateways: [], boundsSyntax: .strict)
        }
        #expect(
            start?.description
                == "range_start: \"10.0.0.x\" is not an IP address: octet 4 is not a decimal number; \(Self.boundForms)"
        )
        let end = #expect(throws: RangeError.self) {
            try RangeSpecification(range: "10.0.0.0/24", rangeEnd: "")
                .pool(excludingGateways: [], boundsSyntax: .strict)
        }
        #expect(end?.description == "range_end: \"\" is not an IP address: it is empty; \(Self.boundForms)")
    }

    @Test func leadingZerosInBoundsFollowTheSyntax() throws {
        let specification = RangeSpecification(range: "010.000.000.000/24", rangeStart: "10.0.0.009")
        let pool = try specification.pool(excludingGateways: [], boundsSyntax: .leadingZeros)
        #expect(pool.bounds.first.description == "10.0.0.9")
        let error = #expect(throws: RangeError.self) {
            try specification.pool(excludingGateways: [], boundsSyntax: .strict)
        }
        #expect(error?.key == "range_start")
    }

    @Test(arguments: [
        ("", "is not an IP address: it is empty; \(excludeForms)"),
        ("10.0.0.999/30", "is not an IP prefix: octet 4 is over 255; \(excludeForms)"),
        ("10.0.0.001", "is not an IP address: octet 4 has a leading zero; \(excludeForms)"),
        ("10.0.0.0/", "is not an IP prefix: the prefix length must be 0 to 32, without leading zeros; \(excludeForms)"),
        (
            "10.0.0.1-10.0.0.9/24",
            """
            is not valid, since "10.0.0.9/24" is not an IP address: octet 4 is not a decimal number; \(excludeForms)
            """
        ),
        ("10.0.0.9-10.0.0.1", "is not in ascending order within one family; use the lower address first"),
        ("10.0.0.9-fd00::", "is not in ascending order within one family; use the lower address first"),
    ])
    func aBadExcludeIsNamedByItsIndex(entry: String, reason: String) {
        let error = #expect(throws: RangeError.self) {
            try RangeSpecification(range: "10.0.0.0/24", exclude: ["10.0.0.1", entry])
                .pool(excludingGateways: [], boundsSyntax: .leadingZeros)
        }
        #expect(error?.description == "exclude[1]: \(entry.debugDescription) \(reason)")
    }

    @Test func gatewaysAreNotAllocatable() throws {
        let gateways = try [IPAddress("10.0.0.1"), IPAddress("10.0.0.3"), IPAddress("fd00::1"), IPAddress("10.9.9.9")]
        let pool = try RangeSpecification(range: "10.0.0.0/29")
            .pool(excludingGateways: gateways, boundsSyntax: .strict)
        #expect(pool.allocatable.description == "[10.0.0.2, 10.0.0.4-10.0.0.6]")
        #expect(pool.capacity == 4)
        #expect(pool.bounds.description == "10.0.0.1-10.0.0.6")
    }

    @Test func aPoolWithNothingLeftIsAnError() {
        let error = #expect(throws: RangeError.self) {
            try RangeSpecification(range: "10.0.0.0/30", exclude: ["10.0.0.2"])
                .pool(excludingGateways: [IPAddress(v4: 0x0a00_0001)], boundsSyntax: .strict)
        }
        #expect(
            error?.description == """
                range: "10.0.0.0/30" has nothing left to allocate: exclude and the gateways cover all of \
                10.0.0.1-10.0.0.2; widen the range or exclude less
                """
        )
    }

    @Test(arguments: UInt64(0)..<4)
    func garbageIsReadOrRefusedButNeverTraps(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let alphabet = ["0", "1", "25", "f", ".", ":", "::", "/", "-", "10.0.0.", "fd00::", "/24", "/64", "é", "\0"]
        func garbage() -> String {
            (0..<Int.random(in: 0...7, using: &generator))
                .map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
                .joined()
        }
        for _ in 0..<2000 {
            let specification = RangeSpecification(
                range: Bool.random(using: &generator) ? garbage() : "10.0.0.0/24",
                rangeStart: Bool.random(using: &generator) ? garbage() : nil,
                rangeEnd: Bool.random(using: &generator) ? garbage() : nil,
                exclude: Bool.random(using: &generator) ? [garbage(), garbage()] : []
            )
            let pool = try? specification.pool(excludingGateways: [], boundsSyntax: .leadingZeros)
            #expect(pool.map { !$0.allocatable.isEmpty } ?? true)
        }
    }
}
