internal import CHTTPBridge

extension HTTPRequest {
    /// Lends the request to `body` in the bridge's form.
    func withBridged<Result>(_ body: (UnsafePointer<chb_request>) -> Result) -> Result {
        unsafe withCStrings([method, authority, path] + headers.flatMap { [$0.name, $0.value] }) { texts in
            unsafe self.body.withUnsafeBufferPointer { bytes in
                var request = unsafe chb_request(
                    method: unsafe texts[0],
                    authority: unsafe texts[1],
                    path: unsafe texts[2],
                    headers: unsafe texts.baseAddress.map { unsafe $0 + 3 },
                    headers_count: texts.count - 3,
                    body: bytes.baseAddress,
                    body_count: bytes.count,
                    response_limit: responseLimit
                )
                return unsafe body(&request)
            }
        }
    }
}
