import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import NodeSlices

/// Which node gets which slice, whatever the objects are.
@Suite struct SliceAssignmentTests {
    private func pool(_ range: String, exclude: [String] = []) throws -> AddressPool {
        AddressPool(range: try IPPrefix(range), excluding: IPRangeSet(try exclude.map { try IPPrefix($0).range }))
    }

    private func entry(_ node: String, _ slice: String) throws -> SliceEntry {
        SliceEntry(node, try IPPrefix(slice))
    }

    private func text(_ assignment: SliceAssignment) -> [String] {
        assignment.entries.map { "\($0.nodeName) \($0.prefix)" }
    }

    @Test func theFirstFreeSliceIsAssignedInTheOrderOfTheNodes() throws {
        var assignment = SliceAssignment([try entry("b", "10.0.0.16/28")])
        let unserved = assignment.assign(nodes: ["a", "b", "c"], length: 28, of: try pool("10.0.0.0/24"))
        #expect(unserved.isEmpty)
        #expect(text(assignment) == ["a 10.0.0.0/28", "b 10.0.0.16/28", "c 10.0.0.32/28"])
        #expect(assignment.assign(nodes: ["a", "b", "c"], length: 28, of: try pool("10.0.0.0/24")).isEmpty)
        #expect(assignment.entries.count == 3)
    }

    @Test func whoComesTooLateIsNamed() throws {
        var assignment = SliceAssignment([])
        let nodes = ["a", "b", "c", "d", "e", "f"]
        #expect(assignment.assign(nodes: nodes, length: 26, of: try pool("10.0.0.0/24")) == ["e", "f"])
        #expect(assignment.entries.map(\.node) == ["a", "b", "c", "d"])
    }

    @Test func slicesWithNothingToGiveOutAreLeftOut() throws {
        var assignment = SliceAssignment([])
        let pool = try pool("10.0.0.0/24", exclude: ["10.0.0.0/26", "10.0.0.128/26"])
        #expect(assignment.assign(nodes: ["a", "b", "c"], length: 26, of: pool) == ["c"])
        #expect(text(assignment) == ["a 10.0.0.64/26", "b 10.0.0.192/26"])
    }

    @Test func anIPv6RangeIsDividedWithoutCountingItsSlices() throws {
        var assignment = SliceAssignment([])
        #expect(assignment.assign(nodes: ["a", "b"], length: 112, of: try pool("fd00::/32")).isEmpty)
        #expect(text(assignment) == ["a fd00::/112", "b fd00::1:0/112"])
    }

    @Test func aLargeSliceIsGoneRoundInOneStep() throws {
        var assignment = SliceAssignment([try entry("a", "fd00::/64")])
        #expect(assignment.assign(nodes: ["a", "b"], length: 120, of: try pool("fd00::/48")).isEmpty)
        #expect(text(assignment) == ["a fd00:0:0:1::/120", "b fd00:0:0:1::100/120", "a fd00::/64"])
    }

    @Test func slicesOfAnotherSizeAreGoneRound() throws {
        var assignment = SliceAssignment([try entry("a", "10.0.0.16/28"), try entry("b", "10.0.0.128/25")])
        #expect(assignment.surplus(nodes: ["a", "b"], length: 26, of: try pool("10.0.0.0/24")).count == 2)
        #expect(assignment.assign(nodes: ["a", "b"], length: 26, of: try pool("10.0.0.0/24")) == ["b"])
        // The present one stands first.
        #expect(text(assignment) == ["a 10.0.0.64/26", "a 10.0.0.16/28", "b 10.0.0.128/25"])
    }

    @Test func whatIsOfNodesThatAreGoneOrTwiceIsSurplus() throws {
        let entries = [
            try entry("a", "10.0.0.0/28"), try entry("a", "10.0.0.16/28"), try entry("gone", "10.0.0.32/28"),
        ]
        let assignment = SliceAssignment(entries)
        let pool = try pool("10.0.0.0/24")
        #expect(assignment.surplus(nodes: ["a"], length: 28, of: pool) == Array(entries.dropFirst()))
        #expect(assignment.surplus(nodes: ["a"], length: 28, of: nil) == entries)
    }

    @Test func aRetiredSliceIsNobodysAndNotFree() throws {
        var assignment = SliceAssignment([try entry("a", "10.0.0.0/28")])
        assignment.retire(assignment.entries[0])
        #expect(text(assignment) == ["retired/a 10.0.0.0/28"])
        #expect(assignment.assign(nodes: ["a"], length: 28, of: try pool("10.0.0.0/27")).isEmpty)
        #expect(text(assignment) == ["retired/a 10.0.0.0/28", "a 10.0.0.16/28"])
        let read = try #require(SliceEntry(nodeName: "retired/a", try IPPrefix("10.0.0.0/28")))
        #expect(read.isRetired && read.node == "a")
        assignment.restore(read)
        #expect(text(assignment) == ["a 10.0.0.0/28", "a 10.0.0.16/28"])
    }

    @Test func aSliceWithoutANodeIsNobodys() throws {
        #expect(SliceEntry(nodeName: "", try IPPrefix("10.0.0.0/28")) == nil)
    }

    @Test func aNodeGetsTheSameSliceOfRangesThatOverlap() throws {
        var assignment = SliceAssignment([])
        let others = [try entry("a", "10.0.0.32/28"), try entry("b", "10.0.0.0/28")]
        let unserved = assignment.assign(
            nodes: ["a", "b", "c"],
            length: 28,
            of: try pool("10.0.0.0/24"),
            beside: others
        )
        #expect(unserved.isEmpty)
        #expect(text(assignment) == ["b 10.0.0.0/28", "c 10.0.0.16/28", "a 10.0.0.32/28"])
    }

    /// Nodes come and go, sizes change, slices get used and unused: no slice overlaps another one, none that is used goes, and a node
    /// is without one only if nothing is free.
    @Test(arguments: 0..<200) func randomHistories(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let pool = try pool("10.0.0.0/24", exclude: ["10.0.0.64/28"])
        var assignment = SliceAssignment([])
        var used: Set<SliceEntry> = []
        var nodes = Set((0..<4).map { "n\($0)" })
        var length = 28
        for _ in 0..<60 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0: nodes.insert("n\(Int.random(in: 0..<20, using: &random))")
            case 1: if nodes.count > 1, let node = nodes.sorted().randomElement(using: &random) { nodes.remove(node) }
            case 2: length = Int.random(in: 26...29, using: &random)
            case 3: if let entry = assignment.entries.randomElement(using: &random) { used.insert(entry) }
            default:
                if let entry = used.sorted(by: { $0.prefix.first < $1.prefix.first }).randomElement(using: &random) {
                    used.remove(entry)
                }
            }
            for entry in assignment.surplus(nodes: nodes, length: length, of: pool) where !used.contains(entry) {
                assignment.retire(entry)
            }
            for entry in assignment.entries where entry.isRetired { assignment.remove(entry) }
            let unserved = assignment.assign(nodes: nodes.sorted(), length: length, of: pool)

            let entries = assignment.entries
            for (index, entry) in entries.enumerated() {
                #expect(!entries[..<index].contains { $0.prefix.overlaps(entry.prefix) })
            }
            #expect(used.isSubset(of: entries))
            for node in nodes where !unserved.contains(node) {
                #expect(entries.first { $0.node == node }?.prefix.length == length)
            }
            if !unserved.isEmpty {
                var next = pool.slice(ofLength: length, from: pool.range.first)
                while let slice = next {
                    #expect(entries.contains { $0.prefix.overlaps(slice) })
                    next = slice.last.next.flatMap { pool.slice(ofLength: length, from: $0) }
                }
            }
        }
    }
}
