internal import EtcdClient
internal import Glibc
internal import KubernetesClient

/// How often a change of a pool object was tried, and what that tells.
///
/// Who loses waits before the next try: of a hundred at once one gets through in a few milliseconds, and the server's work on those that do not is lost.
struct PoolTries {
    /// How often a patch is tried though the object has not changed.
    private static let refusalLimit = 12
    /// The longest first pause, in microseconds, and how often it is doubled at most.
    private static let (first, doublings): (UInt32, Int) = (20_000, 5)
    /// How long one change of a small object takes, in microseconds.
    private static let turn: UInt32 = 6000
    /// The most turns that are waited for at once.
    static let placeLimit = 128
    /// What is left of a call's time at the end of every pause, so that it can take back what it claimed.
    private static let reserve = Duration.seconds(2)

    /// The number of times that somebody else has changed the object.
    private var losses = 0
    /// The number of times that nobody had.
    private var refusals = 0

    /// Waits before the object is read again: by chance, and the longer the more often it was tried.
    ///
    /// - Parameters:
    ///   - place: How many others may be about to change the object before, which an address that was reserved in a race
    ///     tells by its place among those that have no entry yet. Not all of them are, so it counts for less with each try.
    ///   - deadline: The end of the call, which the pause keeps clear of.
    func pause(place: Int = 0, before deadline: Deadline) {
        let tries = losses + refusals
        let turns = UInt32(clamping: min(place, Self.placeLimit)) * (Self.turn >> UInt32(min(tries, 31)))
        let chance = UInt32.random(in: 0...(Self.first << UInt32(min(tries * 2, Self.doublings))))
        let left = UInt32(clamping: Int64((deadline.remaining - Self.reserve) / .microseconds(1)))
        usleep(min(turns + chance, left))
    }

    /// Expects that the change is worth another try, now that the object was read again.
    ///
    /// - Parameters:
    ///   - change: What came of the last one.
    ///   - pool: The object.
    ///   - earlier: The object as it was when the change was tried.
    ///   - deadline: When to end in any case.
    /// - Throws: `.contention` when others were faster until the deadline; what the server says when it refuses what is right too often.
    mutating func expectRetry(
        _ change: PoolChange,
        of pool: PoolObject,
        behind earlier: PoolObject,
        deadline: Deadline
    ) throws(DatastoreError) {
        if pool.resourceVersion != earlier.resourceVersion {
            losses += 1
        } else {
            refusals += 1
        }
        guard refusals >= Self.refusalLimit || deadline.hasPassed else { return }
        switch change {
        case .unknown(let error): throw error
        case .refused(let reason) where refusals > 0: throw Self.refusal(pool.name, refusals, reason)
        case .done, .refused: throw .contention(tries: losses)
        }
    }

    private static func refusal(_ pool: String, _ tries: Int, _ reason: String) -> DatastoreError {
        .kubernetes(
            KubernetesError(
                .refused(status: 422),
                "the API server refused \(tries) changes of the pool object \(pool): \(reason)",
                advice: "Look for webhooks, and whether the CustomResourceDefinitions are those of this release."
            )
        )
    }
}
