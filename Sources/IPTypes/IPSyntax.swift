/// How tolerant the reading of an IPv4 octet is.
public enum IPSyntax: Sendable, Hashable, CaseIterable {
    /// An octet with a leading zero is an error, since readers differ on whether it is octal (RFC 6943 section 3.1.1).
    case strict
    /// Leading zeros are dropped and the octet is decimal, as Go's older parsers do: `010` is ten.
    case leadingZeros
}
