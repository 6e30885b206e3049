internal import JSON

extension HTTPResponse {
    /// Whether it can be a success of which a part is missing, or all.
    ///
    /// A proxy may end an answer properly that it has lost its server in the midst of (haproxy until 2.6 does), and where nobody says how long it
    /// is to be, that can't be told from HTTP.
    var mayBeCutShort: Bool {
        200..<300 ~= status && (body.isEmpty || body.first == UInt8(ascii: "{"))
            && (try? JSONValue(parsing: body)) == nil
    }
}

extension APIReply {
    /// Reads a response whose status is one of success, 404, 409 or 422.
    ///
    /// - Throws: `.missingResource` for a kind that the server does not know, `.malformedReply`.
    init(_ response: HTTPResponse, _ request: APIRequest) throws(KubernetesError) {
        let value = try? JSONValue(parsing: response.body)
        guard response.status >= 300 else {
            guard let value, case .object = value else {
                throw KubernetesError(
                    request.isRead ? .malformedReply : .outcomeUnknown,
                    "the answer to \(request.description) is no JSON object"
                )
            }
            self = .object(value)
            return
        }
        let status = value.flatMap { $0.member("kind") == .string("Status") ? $0 : nil }
        let reason = status?.member("reason")
        switch response.status {
        case 404:
            // For a kind that it knows, the server names the object, or for a new one the namespace.
            guard status?.member("details")?.member("name") != nil else {
                let kind = request.resource
                throw KubernetesError(
                    .missingResource,
                    "the API server does not know \(kind.plural) of \(kind.apiVersion): \(response.words)",
                    advice:
                        "Install the CustomResourceDefinitions of this release, or set kubernetes.api_group to the group of those that are there."
                )
            }
            self = .missing
        case 409:
            self = reason == .string("AlreadyExists") ? .exists : .conflict
        default:
            self = .unprocessable(response.words)
        }
    }
}
