import IPTypes
import Testing

@Suite struct IPRangeTests {
    @Test func boundsAreOfOneFamilyAndInOrder() {
        let (low, high) = (IPAddress(v4: 1), IPAddress(v4: 2))
        #expect(IPRange(low, high) != nil)
        #expect(IPRange(low, low) == IPRange(low))
        #expect(IPRange(high, low) == nil)
        #expect(IPRange(low, IPAddress(v6: 2)) == nil)
    }

    @Test func countIncludesBothBoundsAndSaturatesOnlyForAllOfIPv6() {
        #expect(IPRange(IPAddress(v4: 7)).count == 1)
        #expect(IPRange(IPAddress(v4: 0), IPAddress(v4: .max))?.count == 1 << 32)
        #expect(IPRange(IPAddress(v6: 1), IPAddress(v6: .max))?.count == UInt128.max)
        #expect(IPRange(IPAddress(v6: 0), IPAddress(v6: .max))?.count == UInt128.max)
        #expect(IPRange(IPAddress(v6: 2), IPAddress(v6: .max))?.count == UInt128.max - 1)
    }

    @Test func descriptionNamesBothBoundsOrTheOneAddress() throws {
        #expect(try IPRange(IPAddress("10.0.0.1"), IPAddress("10.0.0.9"))?.description == "10.0.0.1-10.0.0.9")
        #expect(try IPRange(IPAddress("::1")).description == "::1")
    }

    @Test func familiesNeverMeet() throws {
        let (ipv4, ipv6) = try (IPPrefix("0.0.0.0/0").range, IPPrefix("::/0").range)
        #expect(!ipv4.contains(IPAddress(v6: 1)) && !ipv6.contains(IPAddress(v4: 1)))
        #expect(!ipv4.overlaps(ipv6) && !ipv6.overlaps(ipv4))
        #expect(ipv4.intersection(ipv6) == nil)
    }

    /// All pairs of ranges over six addresses, against sets of numbers.
    @Test(arguments: [IPAddress(v4: 0), IPAddress(v4: .max - 5), IPAddress(v6: .max - 5)])
    func rangesAgreeWithSetsOfNumbers(base: IPAddress) throws {
        let addresses = (0..<6).compactMap { base.advanced(by: $0) }
        let bounds = (0..<6).flatMap { low in (low..<6).map { low...$0 } }
        for left in bounds {
            let range = try #require(IPRange(addresses[left.lowerBound], addresses[left.upperBound]))
            #expect(addresses.map(range.contains) == (0..<6).map(left.contains))
            #expect(range.count == UInt128(left.count))
            for right in bounds {
                let other = try #require(IPRange(addresses[right.lowerBound], addresses[right.upperBound]))
                let common = Set(left).intersection(right)
                #expect(range.overlaps(other) == !common.isEmpty)
                let intersection = range.intersection(other)
                #expect((intersection == nil) == common.isEmpty)
                #expect(addresses.map { intersection?.contains($0) ?? false } == (0..<6).map(common.contains))
            }
        }
    }
}
