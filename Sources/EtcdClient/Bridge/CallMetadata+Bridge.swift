internal import CGRPCBridge

extension CallMetadata {
    private static let requireLeaderKey: StaticString = "hasleader"
    private static let requireLeaderValue: StaticString = "true"
    private static let tokenKey: StaticString = "token"

    /// Lends the headers to `body` in the bridge's form.
    func withHeaders<Result>(_ body: (UnsafePointer<cgb_metadata>?, Int) -> Result) -> Result {
        var headers: [cgb_metadata] = unsafe []
        if requiresLeader {
            unsafe headers.append(cgb_metadata(Self.requireLeaderKey, Self.requireLeaderValue.start))
        }
        guard let token else { return unsafe body(headers, headers.count) }
        return unsafe token.revealed.withCString { value in
            unsafe headers.append(cgb_metadata(Self.tokenKey, value))
            return unsafe body(headers, headers.count)
        }
    }
}

extension cgb_metadata {
    fileprivate init(_ key: StaticString, _ value: UnsafePointer<CChar>) {
        unsafe self.init(key: key.start, value: value)
    }
}

extension StaticString {
    /// The text as a C string; a literal ends with a zero byte.
    fileprivate var start: UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
