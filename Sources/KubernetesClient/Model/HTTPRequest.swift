/// A request as it is sent.
struct HTTPRequest {
    let method: String
    /// The value of the pseudo-header `:authority`: host and port.
    let authority: String
    /// The path with its query, percent-encoded.
    let path: String
    /// The other headers, names in lower case.
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    /// The most bytes that the response's body may have.
    let responseLimit: Int
}
