extension String {
    /// Whether the text may be a container ID or network name: `^[a-zA-Z0-9][a-zA-Z0-9_.\-]*$`.
    var isCNIIdentifier: Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        guard let first = utf8.first, isAlphanumeric(first) else { return false }
        return utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }
}
