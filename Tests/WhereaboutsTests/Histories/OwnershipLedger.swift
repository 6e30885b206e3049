import IPAM
import Synchronization

/// Whose each address is by what all clients of a concurrent history were told.
///
/// A client enters an address when its ADD has returned, and takes it out before it calls a DEL. In between nobody else may
/// have it, whatever happens at the same time.
final class OwnershipLedger: Sendable {
    private struct Contents {
        var holders: [ModelPlace: String] = [:]
        var violations: [String] = []
    }

    private let contents = Mutex(Contents())

    /// The addresses that were given to two.
    var violations: [String] {
        contents.withLock { $0.violations }
    }

    /// Notes what an ADD returned.
    func enter(_ place: ModelPlace, for holder: String) {
        contents.withLock { contents in
            if let other = contents.holders.updateValue(holder, forKey: place), other != holder {
                contents.violations.append("\(place) of \(other) was given to \(holder)")
            }
        }
    }

    /// Notes that an address may be given to others from now on.
    func remove(_ place: ModelPlace) {
        contents.withLock { $0.holders[place] = nil }
    }
}
