/// Why a stored history cannot be read.
public enum HistoryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is no history; the words of the decoder.
    case malformed(String)
    /// Another release wrote it.
    case unknownFormat(version: Int)
    /// It cannot have been recorded so.
    case contradictory(String)

    /// What is wrong, in one sentence.
    public var description: String {
        switch self {
        case .malformed(let reason):
            "this is no history of a run: \(reason)"
        case .unknownFormat(let version):
            "this history has format version \(version); this release reads version \(History.currentFormatVersion) only"
        case .contradictory(let reason):
            "this history contradicts itself: \(reason)"
        }
    }
}
