public import JSON

/// What an API server answers to a request that it understood.
///
/// Lost races are answers and no errors: whoever asks knows what they mean.
public enum APIReply: Hashable, Sendable {
    /// The object, or the list of them, as it is now; of a deletion what the server says of it.
    case object(JSONValue)
    /// There is no object of the name (404).
    case missing
    /// An object of the name exists (409, reason AlreadyExists).
    case exists
    /// The object is another one, or at another version, than was demanded (409, reason Conflict).
    case conflict
    /// A test of the patch does not hold, or a value has no place in the object (422); the server's words.
    case unprocessable(String)
}
