internal import CHTTPBridge

/// Base64 (RFC 4648 section 4), by OpenSSL.
enum Base64 {
    private static let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The bytes that a padded text stands for, which may have line breaks; nil when it is something else.
    static func decode(_ text: String) -> [UInt8]? {
        let text = text.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        // OpenSSL takes more than the alphabet: blanks at the ends, and padding anywhere.
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2, text.dropLast(padding).allSatisfy(alphabet.contains) else { return nil }
        var count = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: text.count) { buffer, written in
            count = unsafe chb_base64_decode(text, text.count, buffer.baseAddress)
            written = max(0, count)
        }
        return count < 0 ? nil : bytes
    }

    /// The padded text of bytes.
    static func encode(_ bytes: [UInt8]) -> String {
        let room = (bytes.count + 2) / 3 * 4
        let text = unsafe [UInt8](unsafeUninitializedCapacity: room + 1) { buffer, written in
            unsafe chb_base64_encode(bytes, bytes.count, buffer.baseAddress)
            written = room
        }
        return String(decoding: text, as: UTF8.self)
    }
}
