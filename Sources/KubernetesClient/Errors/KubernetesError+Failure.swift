internal import EtcdClient
internal import JSON

extension KubernetesError {
    /// What a request came to that got no response.
    init(_ failure: HTTPFailure, _ request: APIRequest, _ access: ClusterAccess, isUnsent: Bool) {
        let server = "the API server \(access.server.authority)"
        let proxy = access.proxy.map { "the proxy \($0.url.authority)" }
        // What stands for an answer to a write that was sent leaves open whether it was applied.
        let unexpected: Code = request.isRead || failure.isBeforeRequest ? .malformedReply : .outcomeUnknown
        switch failure.kind {
        case .name:
            self.init(
                .unreachable,
                "\(proxy ?? server) is not found: \(failure.details)",
                advice: "Check clusters[].cluster.\(proxy == nil ? "server" : "proxy-url") and DNS."
            )
        case .proxy:
            self.init(
                .unreachable,
                "\(proxy ?? "the proxy") does not connect to \(server): \(failure.details)",
                advice: "Check clusters[].cluster.proxy-url, and what the proxy allows."
            )
        case .tls(let obstacle):
            self = Self.handshakeFailure(obstacle, failure.details, server, access)
        case .alert:
            self.init(
                .handshakeFailed,
                "\(server) does not accept this client's certificate: \(failure.details)",
                advice: "Give users[].user a certificate that its --client-ca-file vouches for, within its dates."
            )
        case .tooLarge:
            self.init(unexpected, "\(server) answers to \(request.description) with \(failure.details)")
        case .protocol:
            self.init(unexpected, "\(server) does not keep to HTTP/2: \(failure.details)")
        case .connection:
            self.init(
                .unreachable,
                "\(server) can't be connected\(proxy.map { " by \($0)" } ?? ""): \(failure.details)"
            )
        case .unprocessed, .broken, .expired:
            let code: Code = isUnsent ? .unreachable : request.isRead ? .timedOut : .outcomeUnknown
            self.init(code, "\(server) did not answer to \(request.description): \(failure.details)")
        }
    }

    private static func handshakeFailure(
        _ obstacle: TLSObstacle.Kind,
        _ details: String,
        _ server: String,
        _ access: ClusterAccess
    ) -> KubernetesError {
        switch obstacle {
        case .authorities:
            .invalidConfiguration(
                "the certificate-authority of \(server) can't be decoded: \(details)",
                advice: "Write it as PEM."
            )
        case .certificate:
            .invalidConfiguration(
                "the client-certificate for \(server) can't be decoded: \(details)",
                advice: "Write it as PEM."
            )
        case .key:
            .invalidConfiguration(
                "the client-key for \(server) can't be decoded: \(details)",
                advice: "Write it as PEM."
            )
        case .mismatch:
            .invalidConfiguration(
                "the client-key for \(server) is not that of the client-certificate",
                advice: "Take both from the same request."
            )
        case .untrusted:
            KubernetesError(
                .handshakeFailed,
                "the certificate of \(server) is not trusted: \(details)",
                advice: "Check that certificate-authority holds the CA that signed it, and the certificate's dates."
            )
        case .name:
            KubernetesError(
                .handshakeFailed,
                "the certificate of \(server) is not for \(access.serverName): \(details)",
                advice: "Name the server as its certificate does, or give that name as tls-server-name."
            )
        case .refused:
            KubernetesError(
                .handshakeFailed,
                "\(server) refuses the handshake: \(details)",
                advice: "Check the client-certificate of the user."
            )
        case .noTLS:
            KubernetesError(
                .handshakeFailed,
                "\(server) does not speak HTTP/2 over TLS: \(details)",
                advice:
                    "Check the port; behind a proxy of HTTP, name the API server itself, or let the proxy offer HTTP/2."
            )
        case .connection, .handshake:
            KubernetesError(.unreachable, "no TLS connection to \(server) came about: \(details)")
        }
    }

    /// What a response means that is none of the answers which a caller expects.
    init(_ response: HTTPResponse, _ request: APIRequest, _ access: ClusterAccess) {
        let server = "the API server \(access.server.authority)"
        let words = response.words
        switch response.status {
        // An API server names the webhook that denied a request, or that it could not call (k8s.io/apiserver, admission/plugin/webhook).
        case 400... where words.contains("admission webhook \"") || words.contains("failed calling webhook \""):
            self.init(
                request.isRead || response.status < 500 ? .refused(status: response.status) : .outcomeUnknown,
                "a webhook keeps \(server) from it to \(request.description) (\(response.status)): \(words)",
                advice: "Have the webhook leave the resource \(request.resource.plural) alone, or repair it."
            )
        case 401:
            self.init(
                .unauthorized,
                "\(server) does not know who asks (401): \(words)",
                advice: "Renew the token or the certificate of the kubeconfig's user."
            )
        case 403:
            self.init(
                .forbidden,
                "\(server) does not permit to \(request.description): \(words)",
                advice:
                    "Bind a \(request.namespace == nil ? "ClusterRole" : "Role") to the user that has the verb "
                    + "\(request.rbacVerb) on the resource \(request.resource.plural) of the API group "
                    + "\"\(request.resource.group)\"" + (request.namespace.map { " in namespace \($0)" } ?? "") + "."
            )
        case 429:
            self.init(
                request.isRead ? .timedOut : .unreachable,
                "\(server) has too much to do to \(request.description): \(words)"
            )
        case 500...:
            self.init(
                request.isRead ? .timedOut : .outcomeUnknown,
                "\(server) failed to \(request.description) (\(response.status)): \(words)"
            )
        default:
            self.init(
                .refused(status: response.status),
                "\(server) refuses to \(request.description) (\(response.status)): \(words)"
            )
        }
    }
}

extension HTTPResponse {
    /// What the server says of the failure: the message of a Status, or else the text itself.
    var words: String {
        var text = String(decoding: body.prefix(300), as: UTF8.self)
        if let value = try? JSONValue(parsing: body), case .string(let message)? = value.member("message") {
            text = message
        }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// How long the server wants to be left alone; nil when it does not say.
    var retryAfter: Duration? {
        headers["retry-after"].flatMap(Int.init).map { .seconds(max(0, $0)) }
    }
}
