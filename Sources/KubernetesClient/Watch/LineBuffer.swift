/// Splits what comes in pieces into lines.
struct LineBuffer {
    /// A line that is longer than may be.
    struct Overflow: Error {}

    private let limit: Int
    private var bytes: [UInt8] = []
    /// Where the line begins that is next.
    private var start = 0
    /// As far as there is no end of a line behind `start`.
    private var searched = 0

    /// Makes an empty buffer for lines of as many bytes at most.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes in what comes next.
    mutating func append(_ piece: [UInt8]) {
        if start == bytes.count {
            bytes = piece
        } else {
            bytes.removeFirst(start)
            bytes += piece
        }
        searched -= start
        start = 0
    }

    /// Takes the next whole line, without its end; nil when there is none yet.
    mutating func next() throws(Overflow) -> [UInt8]? {
        let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n"))
        guard (end ?? bytes.count) - start <= limit else { throw Overflow() }
        searched = end.map { $0 + 1 } ?? bytes.count
        guard let end else { return nil }
        defer { start = searched }
        return Array(bytes[start..<end])
    }
}
