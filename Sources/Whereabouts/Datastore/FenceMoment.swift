/// When an attachment was deleted, as its fence holds it: nanoseconds since 1970 in fixed width, so that the order of texts is that of
/// time, and nothing for an attachment that was not deleted.
enum FenceMoment {
    private static let width = 19

    /// The text of a moment.
    static func text(_ moment: Int64?) -> String {
        guard let moment, moment >= 0 else { return "" }
        let digits = String(moment)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The moment that a fence holds; nil for none.
    static func moment(_ value: [UInt8]) -> Int64? {
        Int64(String(decoding: value, as: UTF8.self))
    }
}
