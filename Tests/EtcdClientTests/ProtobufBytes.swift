/// Protobuf's wire form, written by hand.
enum ProtobufBytes {
    /// A ResponseHeader as field 1, where every response has it.
    static let header = field(1, field(1, 10) + field(2, 11) + field(3, 12) + field(4, 13))

    /// A field of a number.
    static func field(_ number: UInt64, _ value: UInt64) -> [UInt8] {
        varint(number << 3) + varint(value)
    }

    /// A field of bytes or of a message.
    static func field(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + varint(value >> 7)
    }
}
