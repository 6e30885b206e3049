internal import EtcdClient
internal import Foundation
internal import IPAM
internal import IPTypes
internal import TestSupport
internal import Testing

@testable internal import Whereabouts

/// What every datastore must do, whatever it is made of (docs/design/allocation.md has the invariants).
@Suite struct DatastoreConformanceTests {
    @Test(arguments: StoreUnderTest.allCases)
    func theLowestFreeAddressComesFirst(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/29", exclude: ["10.0.0.2/32"])
        #expect(try store.add("a", range) == ["10.0.0.1"])
        #expect(try store.add("b", range) == ["10.0.0.3"])
        #expect(try store.add("c", range) == ["10.0.0.4"])
        #expect(try store.release("b", range) == 1)
        #expect(try store.add("d", range) == ["10.0.0.3"])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anAddCanBeRepeated(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/24")
        #expect(try store.add("a", range) == ["10.0.0.1"])
        #expect(try store.add("a", range) == ["10.0.0.1"])
        #expect(try store.add("a", interface: "net1", range) == ["10.0.0.2"])
        #expect(try store.release("a", range) == 1)
        #expect(try store.release("a", interface: "net1", range) == 1)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aPodKeepsItsAddressInANewContainer(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/24")
        #expect(try store.add("old", pod: "web-0", range) == ["10.0.0.1"])
        #expect(try store.add("new", pod: "web-0", range) == ["10.0.0.1"])
        // The late DEL of the old container takes nothing from the new one.
        #expect(try store.release("old", range) == 0)
        #expect(try store.add("other", range) == ["10.0.0.2"])
        #expect(try store.release("new", range) == 1)
        #expect(try store.add("third", range) == ["10.0.0.1"])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aReleaseOfNothingSucceeds(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/24")
        #expect(try store.release("nobody", range) == 0)
        _ = try store.add("a", range)
        #expect(try store.release("a", range) == 1)
        #expect(try store.release("a", range) == 0)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aFullRangeSaysSoUntilAnAddressIsReleased(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/30")
        _ = try store.add("a", range)
        #expect(try store.datastore([range]).condition(of: range, deadline: limit()) == .serving)
        _ = try store.add("b", range)
        #expect(throws: DatastoreError.rangeFull(range.pool, range.domain)) { try store.add("c", range) }
        #expect(
            try store.datastore([range]).condition(of: range, deadline: limit()) == .exhausted(range.pool, range.domain)
        )
        #expect(try store.release("a", range) == 1)
        #expect(try store.add("c", range) == ["10.0.0.1"])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func offsetsOf128BitsAreKept(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("2001:db8::/32", start: "2001:db8:8000:8000:8000:8000:8000:8000")
        #expect(try store.add("a", range) == ["2001:db8:8000:8000:8000:8000:8000:8000"])
        #expect(try store.add("b", range) == ["2001:db8:8000:8000:8000:8000:8000:8001"])
        #expect(try store.add("a", range) == ["2001:db8:8000:8000:8000:8000:8000:8000"])
        #expect(try store.release("a", range) == 1)
        #expect(try store.add("c", range) == ["2001:db8:8000:8000:8000:8000:8000:8000"])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func severalRangesAreAllOrNothing(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let (large, small) = (try demand("10.0.0.0/24"), try demand("fd00::/126"))
        #expect(try store.add("a", large, small) == ["10.0.0.1", "fd00::1"])
        #expect(try store.add("b", large, small) == ["10.0.0.2", "fd00::2"])
        #expect(throws: DatastoreError.rangeFull(small.pool, small.domain)) { try store.add("c", large, small) }
        // Of the range that had one left nothing stays with it.
        #expect(try store.add("d", large) == ["10.0.0.3"])
        #expect(try store.release("a", large, small) == 2)
        #expect(try store.add("c", large, small) == ["10.0.0.1", "fd00::1"])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aFallbackServesOnceTheFirstRangeIsFull(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/30", fallbacks: [demand("10.1.0.0/30")])
        let addresses = try ["a", "b", "c", "d"].flatMap { try store.add($0, range) }
        #expect(addresses == ["10.0.0.1", "10.0.0.2", "10.1.0.1", "10.1.0.2"])
        #expect(throws: DatastoreError.self) { try store.add("e", range) }
        #expect(try store.release("a", range) == 1)
        // What it has in the fallback it keeps.
        #expect(try store.add("c", range) == ["10.1.0.1"])
        #expect(try store.release("c", range) == 1)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aRequestedAddressIsGivenOrItsOwnerNamed(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/24", requested: "10.0.0.77")
        #expect(try store.add("a", range) == ["10.0.0.77"])
        #expect(try store.add("a", range) == ["10.0.0.77"])
        let error = #expect(throws: DatastoreError.self) { try store.add("b", range) }
        #expect("\(try #require(error))".contains("belongs to pod default/pod-of-a, container a/eth0"))
        #expect(try store.release("a", range) == 1)
        #expect(try store.add("b", range) == ["10.0.0.77"])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func overlappingRangesOfOneNetworkShareNoAddress(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let (wide, narrow) = (try demand("10.0.0.0/16"), try demand("10.0.0.0/24"))
        #expect(try store.add("a", wide) == ["10.0.0.1"])
        #expect(try store.add("b", narrow) == ["10.0.0.2"])
        #expect(try store.add("c", wide) == ["10.0.0.3"])
        #expect(try store.release("a", wide) == 1)
        #expect(try store.add("d", narrow) == ["10.0.0.1"])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func networksAndConfinedRangesAreApart(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        #expect(try store.add("a", demand("10.0.0.0/24")) == ["10.0.0.1"])
        #expect(try store.add("b", demand("10.0.0.0/24", network: "blue")) == ["10.0.0.1"])
        let (wide, narrow) = (try demand("10.9.0.0/16", isConfined: true), try demand("10.9.0.0/24", isConfined: true))
        #expect(try store.add("c", wide) == ["10.9.0.1"])
        #expect(try store.add("d", narrow) == ["10.9.0.1"])
        #expect(try store.release("c", wide) == 1)
        #expect(try store.add("d", narrow) == ["10.9.0.1"])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func theStrategyNextGoesRound(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/29")
        for (container, address) in [("a", "10.0.0.1"), ("b", "10.0.0.2"), ("c", "10.0.0.3")] {
            #expect(try store.add(container, strategy: .next, range) == [address])
        }
        #expect(try store.release("b", range) == 1)
        let rest = try ["d", "e", "f", "g"].flatMap { try store.add($0, strategy: .next, range) }
        #expect(rest == ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.2"])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func theStateTellsWhoOwnsWhat(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/24")
        _ = try store.add("a", range)
        _ = try store.add("b", range)
        let addresses = try ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map {
            (domain: range.domain, address: try IPAddress($0))
        }
        let state = try store.datastore([range]).state(of: attachment("a"), addresses: addresses, deadline: limit())
        #expect(addresses.map { state.owns($0.address, in: range.domain, attachment("a")) } == [true, false, false])
        #expect(state.addresses(in: range.domain).map(\.description) == ["10.0.0.1"])
        #expect(state.owner(of: addresses[1].address, in: range.domain)?.containerID == "b")
        #expect(state.owner(of: addresses[2].address, in: range.domain) == nil)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func garbageIsThatOfTheNodeAndTheNetwork(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/24")
        _ = try store.add("kept", range)
        _ = try store.add("stale", range)
        _ = try store.add("elsewhere", node: "node-b", range)
        _ = try store.add("other", network: "other", range)
        // The API server's clock has whole seconds, and they are taken rather early.
        Thread.sleep(forTimeInterval: 4)
        let collection = try store.datastore([range]).collectGarbage(
            keeping: [attachment("kept")],
            network: "lab",
            node: "node-a",
            createdBefore: .now,
            deadline: limit()
        )
        #expect(collection.errors.isEmpty)
        #expect(collection.released == 1)
        #expect(try store.add("new", range) == ["10.0.0.2"])
        #expect(try store.release("elsewhere", range) == 1)
        #expect(try store.release("other", range) == 1)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func manyAtOnceGetDifferentAddresses(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/24")
        let adds = (0..<100).map { number in
            BackgroundCall { try store.add("c\(number)", node: "node-\(number)", range) }
        }
        let addresses = try adds.flatMap { try $0.value() }
        #expect(Set(addresses).count == 100)
        let releases = (0..<100).map { number in
            BackgroundCall { try store.release("c\(number)", node: "node-\(number)", range) }
        }
        #expect(try releases.map { try $0.value() }.reduce(0, +) == 100)
        #expect(try store.add("last", range) == ["10.0.0.1"])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aPoolOfExactlyAsManyIsGivenOutWhole(_ kind: StoreUnderTest) throws {
        let store = try kind.make()
        let range = try demand("10.0.0.0/27")
        let adds = (0..<30).map { number in
            // Some on a node of their own, and some not.
            BackgroundCall { try store.add("c\(number)", node: "node-\(max(10, number))", range) }
        }
        #expect(Set(try adds.flatMap { try $0.value() }).count == 30)
        #expect(throws: DatastoreError.rangeFull(range.pool, range.domain)) { try store.add("late", range) }
    }
}
