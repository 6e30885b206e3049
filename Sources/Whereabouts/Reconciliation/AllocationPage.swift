/// Some of the allocations of a datastore, read at one moment.
package struct AllocationPage {
    /// Those of the scope that was asked for.
    package internal(set) var allocations: [StoredAllocation] = []
    /// What of it can't be understood, and is nobody's to free.
    package internal(set) var errors: [DatastoreError] = []
}
