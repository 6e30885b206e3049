import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import EtcdClient
@testable import Whereabouts

/// The lowest free addresses that one read of a pool tells.
@Suite struct PoolViewTests {
    /// The last octets of what is known of 10.0.0.0/28, whose addresses are 1 to 14 without 6 and 7, and of the candidates.
    ///
    /// A candidate that raises the frontier has a plus sign.
    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var frontier: Int?
        var free: [Int] = []
        var nextFree: Int?
        var window: ClosedRange<Int>?
        var taken: Set<Int> = []
        var limit = 4
        var candidates: [String]
    }

    static let cases = [
        Case(testDescription: "an untouched pool", candidates: ["1+", "2+", "3+", "4+"]),
        Case(testDescription: "a limit of one", limit: 1, candidates: ["1+"]),
        Case(testDescription: "a limit of none", limit: 0, candidates: []),
        Case(testDescription: "above the frontier", frontier: 3, candidates: ["4+", "5+", "8+", "9+"]),
        Case(testDescription: "excluded above the frontier", frontier: 5, candidates: ["8+", "9+", "10+", "11+"]),
        Case(testDescription: "free keys first", frontier: 5, free: [2, 4], candidates: ["2", "4", "8+", "9+"]),
        Case(
            testDescription: "free keys above the limit",
            frontier: 14,
            free: [1, 2, 3, 4, 5],
            candidates: ["1", "2", "3", "4"]
        ),
        Case(
            testDescription: "free keys of excluded addresses",
            frontier: 8,
            free: [6, 7, 8],
            candidates: ["8", "9+", "10+", "11+"]
        ),
        Case(testDescription: "only excluded free keys", frontier: 14, free: [6, 7], candidates: []),
        Case(
            testDescription: "a free key of another pool above the frontier",
            frontier: 2,
            free: [4],
            candidates: ["3+", "4+", "5+", "8+"]
        ),
        Case(
            testDescription: "a free key where the untouched begin",
            frontier: 2,
            free: [3],
            candidates: ["3+", "4+", "5+", "8+"]
        ),
        Case(testDescription: "a free key without a frontier", free: [3], candidates: ["1+", "2+", "3+", "4+"]),
        Case(testDescription: "unread free keys", frontier: 9, free: [2, 4], nextFree: 5, candidates: ["2", "4"]),
        Case(
            testDescription: "unread free keys behind an excluded one",
            frontier: 9,
            free: [6],
            nextFree: 7,
            candidates: []
        ),
        Case(
            testDescription: "unread free keys above the limit",
            frontier: 9,
            free: [1, 2, 3, 4, 5],
            nextFree: 6,
            candidates: ["1", "2", "3", "4"]
        ),
        Case(testDescription: "the frontier at the last address", frontier: 14, candidates: []),
        Case(testDescription: "the frontier at the last but one", frontier: 13, candidates: ["14+"]),
        Case(testDescription: "the frontier at the last, and a free key", frontier: 14, free: [13], candidates: ["13"]),
        Case(
            testDescription: "a window with taken addresses",
            frontier: 1,
            window: 2...10,
            taken: [2, 3, 5],
            candidates: ["4+", "8+", "9+", "10+"]
        ),
        Case(
            testDescription: "a window that says nothing is taken",
            frontier: 1,
            window: 2...10,
            candidates: ["2+", "3+", "4+", "5+"]
        ),
        Case(testDescription: "a full window", frontier: 1, window: 2...5, taken: [2, 3, 4, 5], candidates: []),
        Case(
            testDescription: "a full window, and a free key",
            frontier: 1,
            free: [1],
            window: 2...5,
            taken: [2, 3, 4, 5],
            candidates: ["1"]
        ),
        Case(
            testDescription: "a full window, and a free key of another pool beyond it",
            frontier: 1,
            free: [1, 8],
            window: 2...5,
            taken: [2, 3, 4, 5],
            candidates: ["1"]
        ),
        Case(
            testDescription: "beyond a window with room",
            frontier: 1,
            window: 2...3,
            taken: [2],
            candidates: ["3+", "4+", "5+", "8+"]
        ),
        Case(
            testDescription: "taken addresses without a window",
            frontier: 1,
            free: [1],
            taken: [1, 2, 4],
            candidates: ["3+", "5+", "8+", "9+"]
        ),
        Case(
            testDescription: "a window behind the frontier",
            frontier: 5,
            window: 1...4,
            taken: [1, 2, 3, 4],
            candidates: ["8+", "9+", "10+", "11+"]
        ),
        Case(
            testDescription: "a free key that the window shows taken",
            frontier: 4,
            free: [2, 3],
            window: 1...4,
            taken: [2],
            candidates: ["3", "5+", "8+", "9+"]
        ),
    ]

    /// The address 10.0.0.`octet`.
    private static func address(_ octet: Int) -> IPAddress {
        IPAddress(v4: 0x0a00_0000 + UInt32(octet))
    }

    /// The pool of the table.
    private static func pool() throws -> AddressPool {
        let excluded = try #require(IPRange(address(6), address(7)))
        return AddressPool(range: try IPPrefix("10.0.0.0/28"), excluding: IPRangeSet([excluded]))
    }

    @Test(arguments: cases) func candidatesAreTheLowestKnownFreeAddresses(row: Case) throws {
        let view = PoolView(
            pool: try Self.pool(),
            mark: row.frontier.map(Self.address),
            free: row.free.map(Self.address),
            nextFree: row.nextFree.map(Self.address),
            window: row.window.flatMap { IPRange(Self.address($0.lowerBound), Self.address($0.upperBound)) },
            taken: Set(row.taken.map(Self.address))
        )
        let candidates = view.candidates(limit: row.limit).map { candidate in
            "\(candidate.address.value & 0xff)\(candidate.mark == nil ? "" : "+")"
        }
        #expect(candidates == row.candidates)
    }

    @Test(arguments: ["255.255.255.254/31", "255.255.255.255/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127"])
    func theLastAddressOfAFamilyEndsTheSearch(range: String) throws {
        let prefix = try IPPrefix(range)
        let pool = AddressPool(range: prefix, excluding: IPRangeSet([]))
        #expect(PoolView(pool: pool).candidates(limit: 9).map(\.address).last == prefix.last)
        #expect(PoolView(pool: pool, mark: prefix.last).candidates(limit: 9).isEmpty)
        let view = PoolView(pool: pool, window: prefix.range, taken: [prefix.last])
        let others = pool.allocatable.subtracting(IPRangeSet([IPRange(prefix.last)]))
        #expect(IPRangeSet(view.candidates(limit: 9).map { IPRange($0.address) }) == others)
    }

    // MARK: - Properties

    /// Small networks, two of them at the ends of their family.
    static let networks = [
        "10.0.0.0/27", "255.255.255.254/31", "fd00::/123", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124",
    ]

    @Test(arguments: networks, UInt64(0)..<8) func candidatesAgreeWithTheModel(network: String, seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let prefix = try IPPrefix(network)
        let universe = try (0..<prefix.range.count).map { try #require(prefix.first.advanced(by: $0)) }
        func subset(_ share: Int, of addresses: [IPAddress]) -> [IPAddress] {
            addresses.filter { _ in Int.random(in: 0..<100, using: &random) < share }
        }
        for step in 0..<150 {
            let excluded = subset([0, 10, 50].randomElement(using: &random) ?? 0, of: universe)
            let pool = AddressPool(range: prefix, excluding: IPRangeSet(excluded.map { IPRange($0) }))
            var view = PoolView(pool: pool)
            if Int.random(in: 0..<4, using: &random) > 0 {
                view.mark = universe.filter { pool.bounds.contains($0) }.randomElement(using: &random)
            }
            // Most free keys lie below the frontier; those above are of other pools.
            let frontier = view.mark ?? prefix.first
            view.free = subset(40, of: universe.filter { $0 <= frontier })
            view.free += subset(10, of: universe.filter { $0 > frontier })
            if Int.random(in: 0..<4, using: &random) == 0 {
                view.nextFree = view.free.last?.next
            }
            if Bool.random(using: &random), let one = universe.randomElement(using: &random),
                let other = universe.randomElement(using: &random)
            {
                view.window = IPRange(min(one, other), max(one, other))
                let share = [0, 50, 90, 100].randomElement(using: &random) ?? 0
                view.taken = Set(subset(share, of: universe.filter { view.window?.contains($0) == true }))
            }
            // Lost races tell of some more.
            view.taken.formUnion(subset([0, 20].randomElement(using: &random) ?? 0, of: universe))
            let limit = Int.random(in: 0...20, using: &random)
            let candidates = view.candidates(limit: limit)
            let addresses = candidates.map(\.address)
            let comment = Comment(rawValue: "seed \(seed), step \(step): \(view), limit \(limit)")

            #expect(addresses == Array(Self.model(view, universe).prefix(limit)), comment)
            #expect(Set(addresses).count == addresses.count, comment)
            #expect(addresses.allSatisfy { pool.allocatable.contains($0) && !view.taken.contains($0) }, comment)
            let raising = addresses.filter { address in view.mark.map(address.isAbove) ?? true }
            #expect(candidates.filter { $0.mark == $0.address }.map(\.address) == raising, comment)
        }
    }

    /// The free addresses that a view tells, found by looking at every address.
    static func model(_ view: PoolView, _ universe: [IPAddress]) -> [IPAddress] {
        let allocatable = universe.filter(view.pool.allocatable.contains)
        var free = allocatable.filter { view.free.contains($0) && !view.taken.contains($0) }
        var untouched = allocatable.filter { address in view.mark.map(address.isAbove) ?? true }
        let first = untouched.first
        untouched.removeAll(where: view.taken.contains)
        if let window = view.window, let first, window.contains(first), untouched.first.map(window.contains) != true {
            // The window was read because guessing had failed, and it shows none.
            untouched = []
        }
        if untouched.isEmpty, let window = view.window {
            // Nobody knows what is behind the window.
            free.removeAll { $0 > window.last }
        }
        return allocatable.filter { address in
            guard free.contains(address) || untouched.contains(address) else { return false }
            // What lies above the last free key that was read may be above one that was not.
            return view.nextFree == nil || free.contains { $0 >= address }
        }
    }

    // MARK: - Free keys

    /// Each row: the addresses of the free keys that each read returned, whether there are more, and what follows from it.
    @Test(
        arguments: [
            ([], [], [], nil),
            ([[]], [false], [], nil),
            ([[2, 9]], [false], [2, 9], nil),
            ([[2, 9]], [true], [2, 9], 10),
            // Where to read on is the next address of the pool.
            ([[2, 5]], [true], [2, 5], 8),
            ([[2, 14]], [true], [2, 14], nil),
            ([[2], [9]], [false, false], [2, 9], nil),
            ([[2], [], [9, 11]], [false, false, true], [2, 9, 11], 12),
            // Behind an incomplete read nothing counts: what it left out is lower.
            ([[2], [9]], [true, false], [2], 3),
        ] as [([[Int]], [Bool], [Int], Int?)]
    )
    func freeKeysAreReadOnBehindTheLastOne(reads: [[Int]], areIncomplete: [Bool], free: [Int], next: Int?) throws {
        var view = PoolView(pool: try Self.pool(), free: [Self.address(1)], nextFree: Self.address(1))
        try view.takeFreeKeys(
            zip(reads, areIncomplete).map { octets, hasMore in
                Self.response(octets.map { KeySpace.free("default", Self.address($0)) }, hasMore: hasMore)
            },
            freshAfter: nil
        )
        #expect(view.free == free.map(Self.address))
        #expect(view.nextFree == next.map(Self.address))
    }

    @Test(arguments: ["", "010.000.000.02", "10.0.0.2", "010.000.000.256", "fd00::1", "x", "010.000.000.002/"])
    func aFreeKeyWithoutAnAddressIsAnErrorThatNamesIt(end: String) throws {
        var view = PoolView(pool: try Self.pool())
        let key = KeySpace.prefix + "free/default/ipv4/" + end
        let error = #expect(throws: DatastoreError.self) {
            try view.takeFreeKeys([Self.response([Key(key)], hasMore: false)], freshAfter: nil)
        }
        #expect(error?.description.contains(key) == true)
    }

    private static func response(_ keys: [Key], hasMore: Bool) -> RangeResponse {
        let keyValues = keys.map { key in
            KeyValue(key: key, value: [], createRevision: 1, modRevision: 1, version: 1, lease: 0)
        }
        return RangeResponse(header: nil, keyValues: keyValues, hasMore: hasMore, count: 99)
    }

    @Test(arguments: UInt64(0)..<8) func theStretchesOfFreeKeysHoldThePoolInOrder(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let prefix = try IPPrefix("10.0.0.0/27")
        for step in 0..<50 {
            let excluded = try (0..<31).filter { _ in Int.random(in: 0..<4, using: &random) == 0 }.map { octet in
                IPRange(try #require(prefix.first.advanced(by: octet)))
            }
            let pool = AddressPool(range: prefix, excluding: IPRangeSet(excluded))
            let stretches = PoolView.freeStretches(pool)
            let comment = Comment(rawValue: "seed \(seed), step \(step): \(pool.allocatable) read as \(stretches)")
            #expect(stretches.count <= 4, comment)
            #expect(zip(stretches, stretches.dropFirst()).allSatisfy { $0.last < $1.first }, comment)
            #expect(pool.allocatable.subtracting(IPRangeSet(stretches)).isEmpty, comment)
            #expect(pool.allocatable.ranges.count > 4 || stretches == pool.allocatable.ranges, comment)
        }
    }
}

extension IPAddress {
    fileprivate func isAbove(_ other: IPAddress) -> Bool { self > other }
}
