internal import EtcdClient
internal import IPAM
internal import IPTypes
internal import TestSupport
internal import Testing

@testable internal import Whereabouts

/// What every datastore must do where a range is divided among nodes, whoever divides it (docs/design/slices.md).
@Suite struct SliceConformanceTests {
    /// A range of two slices, one for each of two nodes, which both have begun theirs with an address that is returned.
    private func halves(
        _ kind: StoreUnderTest,
        _ range: String = "10.0.0.0/27",
        _ slices: [String] = ["10.0.0.0/28", "10.0.0.16/28"],
        length: Int = 28,
        exclude: [String] = []
    ) throws -> (store: Store, range: AllocationRequest.Demand, slices: [String: IPPrefix]) {
        let store = try kind.make()
        try store.divide(range, length: length, slices: [("node-a", slices[0]), ("node-b", slices[1])])
        let demand = try demand(range, exclude: exclude, sliceLength: length)
        var found: [String: IPPrefix] = [:]
        for node in ["node-a", "node-b"] {
            let first = try IPAddress(try #require(try store.add("first-of-\(node)", node: node, demand).first))
            found[node] = IPPrefix(containing: first, length: length)
        }
        #expect(Set(found.values) == Set(try slices.map { try IPPrefix($0) }))
        return (store, demand, found)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func eachNodeGivesOutOfItsOwnSliceInOrder(_ kind: StoreUnderTest) throws {
        let (store, range, slices) = try halves(kind, exclude: ["10.0.0.2/31", "10.0.0.18/31"])
        for (node, slice) in slices {
            let given = try (0..<3).flatMap { try store.add("\(node)-\($0)", node: node, range) }
            let part = try #require(range.pool.sliced(to: slice)).allocatable
            let expected = sequence(first: slice.first) { $0.next }.lazy.filter(part.contains)
            #expect(given == Array(expected.dropFirst().prefix(3)).map(\.description))
        }
    }

    @Test(arguments: StoreUnderTest.allCases)
    func aFullSliceTakesNothingFromAnother(_ kind: StoreUnderTest) throws {
        let (store, range, slices) = try halves(kind)
        var given: [String] = []
        let error = #expect(throws: DatastoreError.self) {
            while given.count < 20 { given += try store.add("c\(given.count)", node: "node-a", range) }
        }
        #expect(try #require(error).isExhaustion)
        let slice = try #require(slices["node-a"])
        #expect(try UInt128(given.count + 1) == #require(range.pool.sliced(to: slice)).capacity)
        #expect(try given.allSatisfy { slice.contains(try IPAddress($0)) })
        // The other node has nothing to do with it.
        let other = try store.add("other", node: "node-b", range)
        #expect(try #require(slices["node-b"]).contains(try IPAddress(other[0])))
        // What is released on the node is given out on it again.
        #expect(try store.release("c4", node: "node-a", range) == 1)
        #expect(try store.add("again", node: "node-a", range) == [given[4]])
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anAddCanBeRepeatedAndAPodKeepsItsAddressOnItsNode(_ kind: StoreUnderTest) throws {
        let (store, range, _) = try halves(kind)
        let address = try store.add("old", pod: "web-0", node: "node-a", range)
        #expect(try store.add("old", pod: "web-0", node: "node-a", range) == address)
        #expect(try store.add("new", pod: "web-0", node: "node-a", range) == address)
        #expect(try store.release("old", node: "node-a", range) == 0)
        #expect(try store.release("new", node: "node-a", range) == 1)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func anIPv6RangeIsDividedToo(_ kind: StoreUnderTest) throws {
        let (store, range, slices) = try halves(
            kind,
            "fd00::/119",
            ["fd00::/120", "fd00::100/120"],
            length: 120
        )
        let address = try store.add("c", node: "node-b", range)
        #expect(try #require(slices["node-b"]).contains(try IPAddress(address[0])))
        #expect(try store.release("c", node: "node-b", range) == 1)
    }

    @Test(arguments: StoreUnderTest.allCases)
    func manyAtOnceOnTwoNodesGetAddressesOfTheirSlices(_ kind: StoreUnderTest) throws {
        let (store, range, slices) = try halves(kind)
        let adds = slices.keys.sorted().flatMap { node in
            (0..<12).map { number in
                BackgroundCall { (node, try store.add("\(node)-\(number)", node: node, range)[0]) }
            }
        }
        var given: Set<String> = []
        for add in adds {
            let (node, address) = try add.value()
            #expect(given.insert(address).inserted)
            #expect(try #require(slices[node]).contains(try IPAddress(address)))
        }
    }
}
