import IPAM
import Testing

/// What came before what on a node, whatever its wall clock says.
@Suite struct NodeMomentTests {
    private let early = "2026-01-01T00:00:00Z"
    private let late = "2026-01-02T00:00:00Z"

    private func moment(_ time: String, _ boot: String?, _ nanoseconds: Int64 = 0) -> NodeMoment {
        NodeMoment(time: time, uptime: boot.map { NodeMoment.Uptime(boot: $0, nanoseconds: nanoseconds) })
    }

    @Test func behindOneStartTheTimeSinceItDecides() {
        #expect(moment(late, "a", 1).precedes(moment(early, "a", 2), since: "b"))
        #expect(!moment(early, "a", 2).precedes(moment(late, "a", 1), since: "b"))
        #expect(!moment(early, "a", 1).precedes(moment(late, "a", 1), since: "a"))
    }

    @Test func whatIsBehindThePresentStartIsBehindEveryOther() {
        #expect(moment(late, "a", 9).precedes(moment(early, "b", 1), since: "b"))
        #expect(!moment(early, "b", 1).precedes(moment(late, "a", 9), since: "b"))
    }

    @Test(arguments: [("a", "b"), (nil, "b"), ("a", nil), (nil, nil)] as [(String?, String?)])
    func wallClockDecidesWhereNothingElseIsKnown(boots: (String?, String?)) {
        #expect(moment(early, boots.0, 9).precedes(moment(late, boots.1, 1), since: "c"))
        #expect(!moment(late, boots.0, 1).precedes(moment(early, boots.1, 9), since: "c"))
        #expect(!moment(early, boots.0).precedes(moment(early, boots.1), since: nil))
    }
}
