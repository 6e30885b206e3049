/// The answer of any call that answers with a header only.
struct HeaderResponse: Hashable {
    let header: ResponseHeader
}
