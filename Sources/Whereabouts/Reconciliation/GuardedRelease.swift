/// What came of the release of an allocation as it was read.
package enum GuardedRelease: Hashable, Sendable {
    /// The address is free.
    case released
    /// The allocation was changed since it was read, or is gone, and was left as it is.
    case changed
    /// It could not be released.
    case failed(DatastoreError)
}
