/// A key of the store: any sequence of at least one byte, ordered byte by byte.
public struct Key: Hashable, Sendable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The key's bytes.
    public let bytes: [UInt8]

    /// Makes a key of raw bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Makes a key of a text's UTF-8 bytes.
    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Makes a key of a literal's UTF-8 bytes.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// The key as text; bytes that are not UTF-8 appear as replacement characters.
    public var description: String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// Whether the left key comes first in the store's order.
    public static func < (left: Key, right: Key) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
