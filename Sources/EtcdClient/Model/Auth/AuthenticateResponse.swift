/// The answer to an `AuthenticateRequest`.
struct AuthenticateResponse: Hashable {
    let header: ResponseHeader
    /// What later requests carry to be the user's; no description shows it.
    let secretToken: Secret

    /// The token itself, for the requests' metadata.
    var token: String { secretToken.revealed }
}
