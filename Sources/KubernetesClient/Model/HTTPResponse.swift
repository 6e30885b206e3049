/// A whole response.
struct HTTPResponse {
    let status: Int
    /// The headers by their names in lower case; of several of one name the last.
    let headers: [String: String]
    let body: [UInt8]
}
