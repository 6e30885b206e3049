public import EtcdClient
internal import JSON

/// A client of a Kubernetes API server: one connection of HTTP/2, which is made when it is first needed and again when it is lost.
///
/// It belongs to one thread at a time. Requests that the server certainly has not carried out are repeated until the deadline, reads in any case.
public final class KubernetesClient {
    /// The most bytes of one answer.
    private static let responseLimit = 256 << 20
    /// How long one attempt to connect to an address may take.
    private static let connectTimeout = Duration.seconds(5)
    /// How often a read is repeated at most whose answers are cut short.
    private static let cutAnswerLimit = 6
    /// How long one request may take before a read is tried again, and a write's outcome counts as unknown.
    private static let requestTimeout = Duration.seconds(30)
    /// How long an attempt to open a stream may take at least: who looks into a watch for a moment only would otherwise never have one.
    private static let openTimeout = Duration.seconds(5)

    private let source: ClusterSource
    private var access: ClusterAccess
    private var token: Secret?
    private var connection: HTTPConnection?
    /// The time of the server's last response by its own clock, in seconds since 1970; nil before there was one.
    public private(set) var serverTime: Int64?

    /// Reads how the server is reached; nothing is connected yet.
    ///
    /// - Throws: `.invalidConfiguration`.
    public init(_ source: ClusterSource) throws(KubernetesError) {
        self.source = source
        access = try source.access()
        token = try Self.token(access)
    }

    /// The namespace that the context or the service account names; nil for none.
    public var namespace: String? {
        access.namespace
    }

    /// The server as `host:port`, for messages.
    public var server: String {
        access.server.authority
    }

    /// Sends a request.
    ///
    /// - Returns: What the server answers to it.
    /// - Throws: `KubernetesError`, as its codes say.
    public func send(_ request: APIRequest, deadline: Deadline) throws(KubernetesError) -> APIReply {
        var pacing = Pacing()
        var tries = 0
        while true {
            tries += 1
            let response = try exchange(request, deadline: deadline, attempt: .zero) {
                connection,
                message,
                limit throws(HTTPFailure) in
                (response: try connection.blockingCall(message, deadline: limit), stream: nil)
            }.response
            do throws(KubernetesError) {
                return try APIReply(response, request)
            } catch {
                // What is always the same is no accident.
                guard error.code == .malformedReply, response.mayBeCutShort, tries < Self.cutAnswerLimit,
                    pacing.pause(before: deadline)
                else { throw error }
            }
        }
    }

    /// Sends a request whose answer is read as it comes; an attempt that was begun in time may end some seconds behind the deadline.
    ///
    /// - Throws: `KubernetesError`, also for every answer that is no success.
    func open(_ request: APIRequest, deadline: Deadline) throws(KubernetesError) -> HTTPStream {
        let (response, stream) = try exchange(request, deadline: deadline, attempt: Self.openTimeout) {
            connection,
            message,
            limit throws(HTTPFailure) in
            try connection.blockingOpen(message, deadline: limit)
        }
        guard let stream else {
            // Which tells a kind that the server does not know.
            _ = try APIReply(response, request)
            throw failure(response, request)
        }
        return stream
    }

    /// What a response means that is none of the answers which a caller expects.
    func failure(_ response: HTTPResponse, _ request: APIRequest) -> KubernetesError {
        KubernetesError(response, request, access)
    }

    /// Why a response that had begun did not become whole.
    func failure(_ failure: HTTPFailure, _ request: APIRequest) -> KubernetesError {
        KubernetesError(failure, request, access, isUnsent: false)
    }

    /// Sends a request by `call`, again where it may be repeated, until there is a response that its caller knows: a success, 404, 409 or 422.
    ///
    /// An attempt is given at least the time `attempt`, even beyond the deadline.
    private func exchange(
        _ request: APIRequest,
        deadline: Deadline,
        attempt: Duration,
        by call: (HTTPConnection, HTTPRequest, Deadline) throws(HTTPFailure) -> (
            response: HTTPResponse, stream: HTTPStream?
        )
    ) throws(KubernetesError) -> (response: HTTPResponse, stream: HTTPStream?) {
        if let flaw = request.flaw {
            throw .invalidConfiguration(flaw, advice: "Check the namespace and the name.")
        }
        guard !deadline.hasPassed else {
            throw KubernetesError(.timedOut, "no time was left to \(request.description)")
        }
        var pacing = Pacing()
        var isReloaded = false
        // Why there was no connection before.
        var obstacle: HTTPFailure?
        while true {
            let answer: (response: HTTPResponse, stream: HTTPStream?)
            do throws(HTTPFailure) {
                let connection = try connected(deadline: max(deadline, .after(attempt)))
                let limit = max(deadline, .after(attempt))
                answer = try call(connection, message(request), min(limit, .after(Self.requestTimeout)))
            } catch {
                let isUnsent = error.isBeforeRequest || error.kind == .unprocessed
                guard error.isTransient, isUnsent || request.isRead, pacing.pause(before: deadline) else {
                    // An attempt for which no time was left tells less than those before it.
                    let cause = error.isBeforeRequest && error.kind == .expired ? obstacle ?? error : error
                    throw KubernetesError(cause, request, access, isUnsent: isUnsent)
                }
                if error.isBeforeRequest { obstacle = error }
                continue
            }
            let response = answer.response
            serverTime = response.headers["date"].flatMap(HTTPDate.secondsSince1970) ?? serverTime
            switch response.status {
            case 200..<300, 404, 409, 422:
                return answer
            case 401 where !isReloaded:
                // The token may have been replaced since it was read.
                isReloaded = true
                try reload()
                continue
            case 429:
                // The server has not begun with it.
                guard pacing.pause(for: response.retryAfter, before: deadline) else {
                    throw failure(response, request)
                }
            case 500... where request.isRead:
                guard pacing.pause(for: response.retryAfter, before: deadline) else {
                    throw failure(response, request)
                }
            default:
                throw failure(response, request)
            }
        }
    }

    private func message(_ request: APIRequest) -> HTTPRequest {
        var headers = [(name: "accept", value: request.accept), (name: "user-agent", value: "whereabouts")]
        if let token {
            headers.append((name: "authorization", value: "Bearer " + token.revealed))
        }
        if let contentType = request.contentType {
            headers.append((name: "content-type", value: contentType))
        }
        return HTTPRequest(
            method: request.method,
            authority: access.server.authority,
            path: access.server.basePath + request.path,
            headers: headers,
            body: request.body,
            responseLimit: Self.responseLimit
        )
    }

    /// The connection, which is made if there is none that can be used: to the first of the server's addresses that answers.
    private func connected(deadline: Deadline) throws(HTTPFailure) -> HTTPConnection {
        if let connection, connection.isUsable { return connection }
        connection = nil
        let place = access.proxy?.url ?? access.server
        var failure: HTTPFailure?
        for address in try place.addresses(deadline: deadline) {
            do throws(HTTPFailure) {
                let limit = min(deadline, .after(Self.connectTimeout))
                let connection = try HTTPConnection(address: address, port: place.port, to: access, deadline: limit)
                self.connection = connection
                return connection
            } catch {
                let details = address == place.host ? error.details : "\(address): \(error.details)"
                failure = HTTPFailure(kind: error.kind, details: details, isBeforeRequest: true)
            }
        }
        throw failure ?? HTTPFailure(kind: .connection, details: "\(place.host) has no address", isBeforeRequest: true)
    }

    private func reload() throws(KubernetesError) {
        access = try source.access()
        token = try Self.token(access)
        connection = nil
    }

    private static func token(_ access: ClusterAccess) throws(KubernetesError) -> Secret? {
        switch access.credentials {
        case .none:
            return nil
        case .token(let token):
            return try checked(
                token,
                "the token of the kubeconfig's user",
                advice: "Write the token alone, in one line."
            )
        case .tokenFile(let path):
            let bytes = try Kubeconfig.contents(of: path, "the token file \(path)")
            let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            let token = Secret(lines.count == 1 ? String(lines[0]) : "")
            return try checked(token, "the token file \(path)", advice: "Write the token alone into it.")
        }
    }

    /// A token that can stand in a header (RFC 6750 section 2.1).
    private static func checked(_ token: Secret, _ place: String, advice: String) throws(KubernetesError) -> Secret {
        guard !token.revealed.isEmpty, token.revealed.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
            throw .invalidConfiguration("\(place) holds no token", advice: advice)
        }
        return token
    }
}
