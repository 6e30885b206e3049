/// One frame of an HTTP/2 connection (RFC 9113 section 4.1).
struct HTTP2Frame {
    /// The kinds that matter here, by their numbers in RFC 9113 section 6.
    enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let resetStream: UInt8 = 3
        static let settings: UInt8 = 4
        static let ping: UInt8 = 6
        static let windowUpdate: UInt8 = 8
    }

    /// The flags that matter here, in the places that the kinds above give them.
    enum Flag {
        static let acknowledgement: UInt8 = 1
        static let endStream: UInt8 = 1
        static let endHeaders: UInt8 = 4
    }

    /// What a client's side of a connection begins with (RFC 9113 section 3.4).
    static let prefaceCount = 24

    var kind: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    /// The frame as it is sent.
    var bytes: [UInt8] {
        let count = payload.count
        return [UInt8(truncatingIfNeeded: count >> 16), UInt8(truncatingIfNeeded: count >> 8)]
            + [UInt8(truncatingIfNeeded: count), kind, flags]
            + (0..<4).map { UInt8(truncatingIfNeeded: stream >> (24 - 8 * $0)) }
            + payload
    }

    /// Takes a whole frame off the front of what was received; nil when more must come.
    init?(takingFrom received: inout [UInt8]) {
        guard received.count >= 9 else { return nil }
        let count = Int(received[0]) << 16 | Int(received[1]) << 8 | Int(received[2])
        guard received.count >= 9 + count else { return nil }
        kind = received[3]
        flags = received[4]
        stream = received[5..<9].reduce(0) { $0 << 8 | UInt32($1) }
        payload = Array(received[9..<9 + count])
        received.removeFirst(9 + count)
    }

    /// Makes a frame of its parts.
    init(kind: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8] = []) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    /// A header field as a literal without indexing and without Huffman coding (RFC 7541 section 6.2.2); both texts are
    /// shorter than 127 bytes.
    static func field(_ name: String, _ value: String) -> [UInt8] {
        [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
    }
}
