/// Something that lacked its other half, or did until a repair.
package struct StoreRepair: Hashable, Sendable {
    /// What was wrong.
    package enum Kind: String, Hashable, Sendable {
        /// An index key that leads to no record, or to another owner's: it is removed.
        case indexKeyWithoutRecord
        /// A record that an index key was missing of: it is written.
        case recordWithoutIndexKey
        /// A slice of a range without addresses in use, of a node that is gone: it is removed.
        case sliceOfMissingNode
        /// A reservation whose pool has no entry of the address, left by a call that was killed: it is removed.
        case reservationWithoutEntry
        /// An entry of a pool without the reservation that the pool's others have; only told.
        case entryWithoutReservation
    }

    /// What was wrong.
    package let kind: Kind
    /// Of which key or object.
    package let subject: String

    /// Makes one.
    package init(_ kind: Kind, _ subject: String) {
        self.kind = kind
        self.subject = subject
    }
}
