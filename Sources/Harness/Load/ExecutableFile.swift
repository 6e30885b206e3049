internal import Foundation

/// A program in a file.
struct ExecutableFile: Sendable {
    private let head: [UInt8]

    /// Looks at a file; one that can't be read is no program.
    init(_ path: String) {
        let file = FileHandle(forReadingAtPath: path)
        head = (try? file?.read(upToCount: 65_536)).flatMap { $0 }.map { [UInt8]($0) } ?? []
        try? file?.close()
    }

    /// Whether it is a 64-bit ELF file that asks for the dynamic loader (PT_INTERP, elf(5)), which alone takes
    /// libraries that its caller names.
    var isDynamicallyLinked: Bool {
        // Magic, 64 bits.
        guard head.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2]), head.count >= 64 else { return false }
        let (table, size, count) = (number(at: 32, 8), number(at: 54, 2), number(at: 56, 2))
        return (0..<count).contains { number(at: table + $0 * size, 4) == Self.interpreter }
    }

    /// PT_INTERP.
    private static let interpreter = 3

    /// A number of so many bytes in the order of the file; 0 beyond what was read.
    private func number(at offset: Int, _ size: Int) -> Int {
        guard offset >= 0, offset <= head.count - size else { return 0 }
        let bytes = head[offset..<offset + size]
        let isBigEndian = head[5] == 2
        return Int(
            truncatingIfNeeded: (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(UInt64(0)) {
                $0 << 8 | UInt64($1)
            }
        )
    }
}
