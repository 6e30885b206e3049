/// A version of the CNI specification which this plugin speaks.
///
/// The cases are named as the packages of the Go library are: `v040` is 0.4.0.
public enum CNIVersion: String, Hashable, Sendable, CaseIterable {
    case v010 = "0.1.0"
    case v020 = "0.2.0"
    case v030 = "0.3.0"
    case v031 = "0.3.1"
    case v040 = "0.4.0"
    case v100 = "1.0.0"
    case v110 = "1.1.0"

    /// All versions, oldest first.
    public static let supported = allCases

    /// The version which is spoken to a caller that named none which we know.
    public static let latest = v110

    /// The version of a configuration without `cniVersion`: the key came with 0.2.0.
    public static let unstated = v010
}

extension CNIVersion: Comparable {
    /// Orders older before newer. (While each number is one digit, the texts sort as the versions do.)
    public static func < (lhs: CNIVersion, rhs: CNIVersion) -> Bool {
        lhs.rawValue < rhs.rawValue
    }
}

extension CNIVersion: CustomStringConvertible {
    /// The text which stands in JSON: `0.4.0`.
    public var description: String {
        rawValue
    }
}
