public import EtcdClient
internal import JSON

/// Tells what becomes of the objects of a list, from the list's version on (Kubernetes API concepts, "Efficient detection of changes").
///
/// It belongs to the thread of its client, whose connection it shares, and works while that thread is in `next(deadline:)`. What nobody asks for
/// stays with the server. A stream that ends, as the server has each do after some minutes, is followed by another one behind the last event:
/// no event is lost, and none comes twice.
///
///     while let version = try client.list(nodes, deadline: deadline, { … }) {
///         let watch = client.watch(nodes, from: version)
///         watching: while true {
///             switch try watch.next(deadline: .after(.seconds(10))) {
///             case .event(let event): …
///             case .expired: break watching
///             case .ended, nil: continue
///             }
///         }
///     }
public final class APIWatch {
    /// What there is to tell.
    public enum Outcome: Hashable, Sendable {
        /// The next event.
        case event(APIEvent)
        /// The stream has ended, for a reason unless that was the server's own doing; the next call opens another one.
        case ended(KubernetesError?)
        /// The server does not have any more what came behind the version (410), so that the objects must be listed again; the watch tells
        /// nothing else from then on.
        case expired
    }

    /// The most bytes of one event; an object is mostly far below what an etcd takes, 1.5 MiB.
    private static let eventLimit = 16 << 20
    /// How many streams without an event in them the server may end within a second of their begin: some end so when they don't have the version.
    private static let hollowStreamLimit = 3

    private let client: KubernetesClient
    private let list: APIRequest
    private let streamTimeout: Duration
    private var stream: HTTPStream?
    private var lines = LineBuffer(limit: eventLimit)
    private var openedAt = Deadline.now
    private var hollowStreams = 0
    private var pacing = Pacing()
    private var nextOpening = Deadline.now
    private var isExpired = false
    /// The version behind the last event, or else that of the list.
    public private(set) var resourceVersion: String

    init(_ client: KubernetesClient, _ list: APIRequest, from resourceVersion: String, streamTimeout: Duration) {
        self.client = client
        self.list = list
        self.resourceVersion = resourceVersion
        self.streamTimeout = streamTimeout
    }

    /// Blocks until there is something to tell, and returns it; nil when the deadline passes first.
    ///
    /// An event that has come already is returned even behind the deadline. Where a stream is opened first, it may end a few seconds behind the deadline, so that
    /// a short one is enough on a slow way to the server too; one that has passed opens none.
    ///
    /// - Throws: `KubernetesError` when no stream can be opened by the deadline, as `send` does, and `.malformedReply`; the next call tries again.
    public func next(deadline: Deadline) throws(KubernetesError) -> Outcome? {
        while !isExpired {
            if let line = try nextLine() {
                if line.isEmpty { continue }
                return try take(line)
            }
            guard let stream else {
                guard try open(deadline: deadline) else { return nil }
                continue
            }
            do throws(HTTPFailure) {
                switch try stream.blockingRead(deadline: deadline) {
                case .bytes(let bytes): lines.append(bytes)
                case .nothing: return nil
                case .end: return end()
                }
            } catch {
                close()
                return .ended(client.failure(error, request))
            }
        }
        return .expired
    }

    private func nextLine() throws(KubernetesError) -> [UInt8]? {
        do throws(LineBuffer.Overflow) {
            return try lines.next()
        } catch {
            throw malformed("an event of more than \(Self.eventLimit) bytes")
        }
    }

    private var request: APIRequest {
        var query = list.query
        query["watch"] = "true"
        query["resourceVersion"] = resourceVersion
        query["allowWatchBookmarks"] = "true"
        query["timeoutSeconds"] = String(max(1, streamTimeout.components.seconds))
        return APIRequest(
            list.verb,
            list.resource,
            namespace: list.namespace,
            name: list.name,
            query: query,
            isMetadataOnly: list.isMetadataOnly
        )
    }

    /// Opens a stream, unless the server has not that version any more; false when the deadline passes first.
    private func open(deadline: Deadline) throws(KubernetesError) -> Bool {
        guard nextOpening < deadline || nextOpening.hasPassed else {
            Pacing.sleep(max(.zero, deadline.remaining))
            return false
        }
        Pacing.sleep(max(.zero, nextOpening.remaining))
        openedAt = .now
        do throws(KubernetesError) {
            stream = try client.open(request, deadline: deadline)
        } catch {
            close()
            guard error.isGone else { throw error }
            isExpired = true
        }
        return true
    }

    /// Leaves the stream, with what has come of an event that is not whole.
    private func close() {
        stream = nil
        lines = LineBuffer(limit: Self.eventLimit)
        nextOpening = .after(pacing.wait())
    }

    /// Takes the end that the server has put to the stream.
    private func end() -> Outcome {
        close()
        hollowStreams = Deadline.now.duration(since: openedAt) < .seconds(1) ? hollowStreams + 1 : 0
        isExpired = hollowStreams >= Self.hollowStreamLimit
        return isExpired ? .expired : .ended(nil)
    }

    private func take(_ line: [UInt8]) throws(KubernetesError) -> Outcome {
        guard let value = try? JSONValue(parsing: line), case .string(let type)? = value.member("type"),
            let object = value.member("object")
        else { throw malformed("what is no event") }
        guard type != "ERROR" else { return try takeError(object) }
        guard let event = APIEvent.Kind(rawValue: type).flatMap({ APIEvent($0, object) }) else {
            throw malformed("an event \(type) of another form")
        }
        resourceVersion = event.resourceVersion
        pacing = Pacing()
        hollowStreams = 0
        return .event(event)
    }

    /// Takes the failure by which a server ends a stream, a Status as that of an answer.
    private func takeError(_ status: JSONValue) throws(KubernetesError) -> Outcome {
        guard case .integer(let code)? = status.member("code") else {
            throw malformed("an event ERROR of another form")
        }
        close()
        let error = client.failure(HTTPResponse(status: Int(code), headers: [:], body: status.encoded()), request)
        if error.isGone {
            isExpired = true
            return .expired
        }
        guard error.isUnavailability else { throw error }
        return .ended(error)
    }

    private func malformed(_ what: String) -> KubernetesError {
        close()
        return KubernetesError(.malformedReply, "the answer to \(request.description) has \(what)")
    }
}
