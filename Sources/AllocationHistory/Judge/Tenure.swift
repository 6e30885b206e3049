/// The hold on its addresses that one acknowledged ADD proves.
///
/// The owner certainly has the addresses from `latestStart`, the end of the ADD, until `earliestEnd`, the start of the
/// first call that may release them. Where that start comes first, the owner had them at one moment between the two at
/// least, and no longer for certain.
///
/// ## Two tenures in conflict
///
/// Owner i can have the address before owner j iff `i.earliestEnd <= j.latestStart`: i gives it up as early as it can, j
/// gets it as late as it can, and if the two fall on one instant, the release comes first. So two owners are in conflict
/// iff
///
///     i.latestStart < j.earliestEnd && j.latestStart < i.earliestEnd
///
/// which for two certain intervals says that they overlap, and for a certain and an uncertain one that every moment at
/// which the uncertain one can have been lies inside the certain interval.
///
/// ## Why pairs are enough
///
/// Write s for `latestStart`, e for `earliestEnd`, and i → j if i must come before j, that is if j cannot come before i:
/// `s(i) < e(j)`. Without a conflict i → j implies `e(i) <= s(j)`. Suppose that no two tenures of an address are in
/// conflict, but that the order cannot be kept: then there is a cycle 1 → 2 → … → n → 1. Along it, alternating the two
/// inequalities, `e(1) <= s(2) < e(3) <= s(4) < e(5) …`. An even n comes back with `… <= s(n) < e(1)`; an odd n comes back
/// with `… <= s(1) < e(2)`, and after a second round with `… < e(1)`. Either way `e(1) < e(1)`: there is no cycle. So the
/// tenures can be put in an order that → agrees with. Give a certain tenure its certain interval; these intervals do not
/// overlap. An uncertain tenure needs one moment of [e, s] outside the inner part of all certain intervals of others; as
/// those are open and apart, [e, s], being in one piece, lies within their union only if it lies within one of them, which
/// would be a conflict. Uncertain tenures do not hinder each other: each takes no time. So an assignment of instants
/// exists iff no pair is in conflict.
///
/// ## What is left to doubt
///
/// That each tenure can be shrunk by itself holds where the calls that a tenure depends on come one after the other. It
/// fails where one call would have to serve two tenures, at two instants: a killed DEL whose container gets another ADD, and
/// a killed ADD of a container whose DEL overlaps the ADD of the pod's next container. There the plugin is given the benefit
/// of the doubt. The tests compare with all linearizations: no conviction is ever wrong, and of histories without the above
/// none is missed.
struct Tenure {
    /// The position of the ADD in the history.
    let call: Int
    /// Whose it is, as a small number.
    let owner: Int
    /// The latest moment at which the owner can have got the addresses.
    let latestStart: Int64
    /// The earliest moment at which it can have lost them, never before the ADD's start; `Int64.max` if it never lost them.
    let earliestEnd: Int64

    /// Whether the owner has the addresses for some time in any case.
    var isCertain: Bool {
        latestStart < earliestEnd
    }

    /// Whether the two cannot have had an address one after the other.
    func conflicts(with other: Tenure) -> Bool {
        latestStart < other.earliestEnd && other.latestStart < earliestEnd
    }
}
