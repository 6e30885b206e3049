import EtcdLab
import IPTypes
import TestSupport
import Testing

@Suite struct IPRangeSetTests {
    /// Every pair of sets over six addresses: at both ends of the families, and across the border between them.
    @Test(arguments: [
        Universe("first of IPv4", [(IPAddress(v4: 0), 6)]),
        Universe("last of IPv6", [(IPAddress(v6: .max - 5), 6)]),
        Universe("last of IPv4, first of IPv6", [(IPAddress(v4: .max - 2), 3), (IPAddress(v6: 0), 3)]),
    ])
    func operationsAgreeWithTheModelForAllSmallSets(universe: Universe) {
        let models = (0..<64).map { bits in (0..<6).map { bits >> $0 & 1 == 1 } }
        let sets = models.map(universe.set)
        for (left, a) in zip(models, sets) {
            #expect(universe.model(a) == left)
            #expect(universe.addresses.map(a.firstAddress) == universe.firstNotBefore(left))
            for (right, b) in zip(models, sets) {
                // One expectation for each pair keeps this quick; the sets are canonical, so `==` compares all.
                let agrees =
                    a.union(b) == universe.set(zip(left, right).map { $0 || $1 })
                    && a.subtracting(b) == universe.set(zip(left, right).map { $0 && !$1 })
                    && a.intersection(b) == universe.set(zip(left, right).map { $0 && $1 })
                #expect(agrees, "\(a) and \(b)")
            }
        }
    }

    @Test(
        arguments: [
            Universe("first of IPv4", [(IPAddress(v4: 0), 256)]),
            Universe("last of IPv4", [(IPAddress(v4: .max - 255), 256)]),
            Universe("last of IPv6", [(IPAddress(v6: .max - 255), 256)]),
            Universe("last of IPv4, first of IPv6", [(IPAddress(v4: .max - 127), 128), (IPAddress(v6: 0), 128)]),
        ],
        UInt64(0)..<6
    )
    func randomStepsAgreeWithTheModel(universe: Universe, seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var (set, model) = (IPRangeSet([]), Array(repeating: false, count: 256))
        var steps: [String] = []
        for _ in 0..<40 {
            let operand = IPRangeSet(
                (0..<Int.random(in: 0...4, using: &generator)).compactMap { _ -> IPRange? in
                    let low = Int.random(in: 0..<256, using: &generator)
                    let high = min(255, low + Int.random(in: 0...60, using: &generator))
                    return IPRange(universe.addresses[low], universe.addresses[high])
                }
            )
            let members = universe.model(operand)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                steps.append("union \(operand)")
                set = set.union(operand)
                model = zip(model, members).map { $0 || $1 }
            case 2, 3:
                steps.append("subtracting \(operand)")
                set = set.subtracting(operand)
                model = zip(model, members).map { $0 && !$1 }
            default:
                // The complement of a few short ranges, so that something is left.
                steps.append("intersection with all but \(operand)")
                set = set.intersection(universe.set(members.map { !$0 }))
                model = zip(model, members).map { $0 && !$1 }
            }
            let history = Comment(rawValue: steps.joined(separator: "; "))
            let expected = zip(universe.addresses, model).filter(\.1).map(\.0)
            #expect(universe.model(set) == model, history)
            #expect(set == universe.set(model), history)
            #expect(set.count == UInt128(expected.count), history)
            #expect(set.first == expected.first && set.last == expected.last, history)
            #expect(set.isEmpty == expected.isEmpty, history)
            #expect(universe.addresses.map(set.firstAddress) == universe.firstNotBefore(model), history)
        }
    }

    @Test func touchingAndOverlappingRangesBecomeOne() throws {
        let ranges = try [("10.0.0.5", "10.0.0.9"), ("10.0.0.1", "10.0.0.4"), ("10.0.0.2", "10.0.0.3"), ("::", "::1")]
            .compactMap { try IPRange(IPAddress($0), IPAddress($1)) }
        #expect(IPRangeSet(ranges).description == "[10.0.0.1-10.0.0.9, ::-::1]")
    }

    @Test func theLastOfIPv4DoesNotTouchTheFirstOfIPv6() {
        let set = IPRangeSet([IPRange(IPAddress(v6: 0)), IPRange(IPAddress(v4: .max))])
        #expect(set.description == "[255.255.255.255, ::]")
        #expect(set.firstAddress(notBefore: IPAddress(v4: 0)) == IPAddress(v4: .max))
        #expect(IPRangeSet([IPRange(IPAddress(v6: 0))]).firstAddress(notBefore: IPAddress(v4: 0)) == nil)
    }

    @Test func wholeFamiliesAreOneRangeEach() throws {
        let everything = try IPRangeSet([IPPrefix("::/0").range, IPPrefix("0.0.0.0/0").range])
        #expect(everything.ranges.count == 2)
        #expect(everything.count == UInt128.max)
        #expect(everything.subtracting(everything).isEmpty)
        let middle = try IPPrefix("8000::/1").range
        #expect(everything.intersection(middle) == IPRangeSet([middle]))
        #expect(try everything.subtracting(IPRangeSet([middle])).last == IPPrefix("::/1").last)
    }

    @Test func theEmptySetHasNoBounds() {
        let empty = IPRangeSet([])
        #expect(empty.isEmpty && empty.first == nil && empty.last == nil && empty.count == 0)
        #expect(!empty.contains(IPAddress(v4: 0)))
        #expect(empty.firstAddress(notBefore: IPAddress(v4: 0)) == nil)
        #expect(empty.description == "[]")
    }
}
