internal import CHTTPBridge

extension HTTPResponse {
    init(_ outcome: chb_outcome) {
        let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: outcome.headers, count: outcome.headers_count))
        let texts = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        var headers: [String: String] = [:]
        var index = 0
        while index + 1 < texts.count {
            headers[texts[index]] = texts[index + 1]
            index += 2
        }
        self.init(
            status: Int(unsafe outcome.status),
            headers: headers,
            body: unsafe [UInt8](UnsafeRawBufferPointer(start: outcome.body, count: outcome.body_count))
        )
    }
}
