/// A hash of texts in sixteen bytes (FNV-1a, 128 bits), for names that must not be long and hide nothing.
struct FNV1a {
    private var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    /// Adds a text.
    mutating func add(_ text: String) {
        for byte in text.utf8 {
            hash ^= UInt128(byte)
            hash &*= 0x0000_0000_0100_0000_0000_0000_0000_013b
        }
    }

    /// The hash as a number.
    var number: UInt128 { hash }

    /// The hash as a number below a limit.
    func value(below limit: Int64) -> Int64 {
        Int64(truncatingIfNeeded: hash % UInt128(max(1, limit)))
    }

    /// The hash in hexadecimal, without leading zeros.
    var text: String {
        String(hash, radix: 16)
    }
}
