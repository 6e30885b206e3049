/// Lends a text to `body` as a C string, or NULL when there is none.
func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return unsafe text.withCString { unsafe body($0) }
}

/// Lends texts to `body` as an array of C strings.
func withCStrings<Result>(
    _ texts: [String],
    _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    var bytes: [CChar] = []
    var starts: [Int] = []
    for text in texts {
        starts.append(bytes.count)
        bytes += text.utf8.lazy.map { CChar(bitPattern: $0) }
        bytes.append(0)
    }
    return unsafe bytes.withUnsafeBufferPointer { bytes in
        let pointers = unsafe starts.map { start in unsafe bytes.baseAddress.map { unsafe $0 + start } }
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0) }
    }
}
