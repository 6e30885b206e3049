import IPTypes
import Testing

@Suite struct IPAddressTests {
    @Test func valuesAreBoundedByTheFamily() {
        #expect(IPAddress(family: .ipv4, value: 0xffff_ffff) == IPAddress(v4: .max))
        #expect(IPAddress(family: .ipv4, value: 0x1_0000_0000) == nil)
        #expect(IPAddress(family: .ipv6, value: .max) == IPAddress(v6: .max))
        #expect(IPFamily.allCases.map(\.bitWidth) == [32, 128])
    }

    @Test func familiesWithOneValueAreDistinctAddresses() throws {
        let embedded = try IPAddress("::1.2.3.4")
        let plain = try IPAddress("1.2.3.4")
        #expect(embedded.value == plain.value)
        #expect(embedded != plain)
        #expect(embedded.family == .ipv6)
        #expect(try IPAddress("::ffff:1.2.3.4").family == .ipv6)
    }

    @Test func ipv4OrdersBeforeIPv6AndThenByValue() throws {
        let ascending = try ["0.0.0.0", "9.0.0.0", "10.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::", "ff00::"]
            .map { try IPAddress($0) }
        #expect(ascending.reversed().sorted() == ascending)
    }

    @Test(arguments: [IPAddress(v4: 0), IPAddress(v6: 0)])
    func nothingComesBeforeTheFirstAddress(of first: IPAddress) {
        #expect(first.previous == nil)
        #expect(first.next?.value == 1)
        #expect(first.next?.previous == first)
    }

    @Test(arguments: [IPAddress(v4: .max), IPAddress(v6: .max)])
    func nothingComesAfterTheLastAddress(of last: IPAddress) {
        #expect(last.next == nil)
        #expect(last.advanced(by: 0) == last)
        #expect(last.advanced(by: .max) == nil)
        #expect(last.previous?.next == last)
    }

    @Test func distanceIsTheInverseOfAdvancing() {
        let (low, high) = (IPAddress(v4: 0), IPAddress(v4: .max))
        #expect(low.distance(to: high) == 0xffff_ffff)
        #expect(low.advanced(by: 0xffff_ffff) == high)
        #expect(low.advanced(by: 0x1_0000_0000) == nil)
        #expect(high.distance(to: low) == nil)
        #expect(low.distance(to: IPAddress(v6: 1)) == nil)
        #expect(IPAddress(v6: 0).distance(to: IPAddress(v6: .max)) == UInt128.max)
        #expect(IPAddress(v6: 0).advanced(by: .max) == IPAddress(v6: .max))
    }
}
