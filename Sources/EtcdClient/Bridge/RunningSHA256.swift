internal import CGRPCBridge

/// A SHA-256 (FIPS 180-4) of bytes that come piece by piece.
@safe
struct RunningSHA256: ~Copyable {
    static let digestCount = 32

    private let raw: OpaquePointer

    init() {
        unsafe raw = cgb_sha256_state_create().unsafelyUnwrapped
    }

    deinit {
        unsafe cgb_sha256_state_destroy(raw)
    }

    /// Adds bytes.
    func update(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe cgb_sha256_state_update(raw, $0.baseAddress, $0.count) }
    }

    /// The digest of the bytes that were added so far.
    var digest: [UInt8] {
        unsafe Array(unsafeUninitializedCapacity: Self.digestCount) { buffer, count in
            unsafe cgb_sha256_state_digest(raw, buffer.baseAddress)
            count = Self.digestCount
        }
    }
}
