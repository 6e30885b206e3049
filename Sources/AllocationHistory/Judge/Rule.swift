/// What a plugin must keep to, each rule by the name of its breach.
public enum Rule: String, Codable, Sendable, Hashable, CaseIterable {
    /// Two owners had one address at the same time.
    case sharedAddress
    /// A repeated ADD returned other addresses.
    case changedAddress
    /// An address that an owner had is not recorded as its own.
    case lostRecord
    /// A record outlived the acknowledged DEL of its container.
    case leakedRecord
    /// A record names an attachment that no call ever asked an address for.
    case strangeRecord
    /// A record outlived the clean-up.
    case leftRecord
    /// An ADD found no free address although there must have been one.
    case falseExhaustion
    /// The store contradicts itself.
    case inconsistentIndex
    /// A call returned neither a result nor an error.
    case malformedAnswer
    /// A call did not end.
    case unfinishedCall
    /// A secret showed in the output of a call.
    case leakedSecret
    /// A call failed with a code that nothing in the run excuses.
    case unexpectedError
    /// An ADD returned addresses that do not fit its ranges.
    case wrongRange
}
