/// The answer of any call that answers with nothing, not even a header, though its message has one.
struct EmptyResponse: Hashable {}
