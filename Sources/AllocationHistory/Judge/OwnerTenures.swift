/// What one owner's calls of one shape prove about when it had its addresses.
///
/// A DEL releases what its container has at that moment; an ADD of the owner with another container passes the addresses
/// on to that. Whether a DEL finds its container in possession depends on the order of the owner's calls, which their
/// intervals leave open where they overlap. A DEL counts here as one that may release unless an acknowledged ADD with
/// another container stands between it and every ADD of its own container.
struct OwnerTenures {
    /// For each acknowledged ADD of the shape, in order of start, the hold on whatever it returned.
    let tenures: [Tenure]
    /// For the same ADDs the earliest moment at which the owner may have lost what was returned, where an ADD that
    /// returned something else counts as the loss of what it did not return.
    let earliestEndOfClaim: [Int64]
    /// Those ADDs.
    let adds: [AddEvent]

    /// Reasons about the acknowledged ADDs of a shape among all ADDs of an owner.
    ///
    /// - Parameters:
    ///   - owner: The owner's number.
    ///   - shape: The number of the shape.
    ///   - all: All ADDs of the owner that took effect or may have, by start.
    ///   - releases: The calls that may have released what their attachments had, by start.
    init(owner: Int, shape: Int, all: [AddEvent], releases: [ReleaseEvent]) {
        let adds = all.filter { $0.isAcknowledged && $0.shape == shape }
        let losses = Losses(all: all, acknowledged: adds, releases: releases)
        let changes = Losses(answersOf: adds)
        self.adds = adds
        tenures = adds.map { add in
            Tenure(
                call: add.call,
                owner: owner,
                latestStart: add.end,
                earliestEnd: max(add.start, losses.earliest(possiblyAfter: add.start))
            )
        }
        earliestEndOfClaim = zip(adds, tenures).map { add, tenure in
            min(
                tenure.earliestEnd,
                max(add.start, changes.earliest(possiblyAfter: add.start, otherThan: add.addresses))
            )
        }
    }
}
