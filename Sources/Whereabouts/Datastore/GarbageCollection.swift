/// What a garbage collection did, and what kept it from doing all.
public struct GarbageCollection: Hashable, Sendable {
    /// How many errors are kept one by one.
    private static let errorLimit = 16

    /// The revision that was read first, nil when it could not be read.
    ///
    /// Nothing that was written behind it is released.
    public internal(set) var revision: Int64?
    /// The number of addresses that were released.
    public internal(set) var released = 0
    /// The first errors, in order; empty when all was done.
    public private(set) var errors: [DatastoreError] = []
    /// The number of errors beyond those.
    public private(set) var furtherErrors = 0

    /// Whether going on would only fail again, and take its time each time.
    private(set) var isStopped = false

    mutating func note(_ error: DatastoreError) {
        isStopped = isStopped || error.isUnavailability
        if errors.count < Self.errorLimit {
            errors.append(error)
        } else {
            furtherErrors += 1
        }
    }
}
