/// The answer to an `AuthenticateRequest`.
struct AuthenticateResponse: Hashable {
    let header: ResponseHeader
    /// What later requests carry to be the user's.
    let token: Secret
}
