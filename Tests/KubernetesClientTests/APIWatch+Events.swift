import EtcdClient
import JSON
import KubernetesClient
import TestSupport

extension APIWatch {
    /// The next events, each as its kind and the object's name; bookmarks and the ends of streams are passed over.
    ///
    /// - Throws: `EndOfEvents` when the watch is at its end, or nothing comes for half a minute.
    func events(_ count: Int) throws -> [String] {
        var events: [String] = []
        while events.count < count {
            switch try next(deadline: .after(.seconds(30))) {
            case .event(let event) where event.kind != .bookmark: events.append(event.text)
            case .event, .ended: continue
            case .expired: throw EndOfEvents(events: events, isExpired: true)
            case nil: throw EndOfEvents(events: events, isExpired: false)
            }
        }
        return events
    }

    /// Whether nothing is told of an object in a moment.
    func isQuiet() throws -> Bool {
        switch try next(deadline: .after(.milliseconds(100))) {
        case .event(let event): event.kind == .bookmark
        case .ended, nil: true
        case .expired: false
        }
    }
}

/// A watch that told less than was expected.
struct EndOfEvents: Error {
    let events: [String]
    let isExpired: Bool
}

extension APIEvent {
    /// The kind and the object's name.
    var text: String {
        guard case .string(let name)? = object.member("metadata")?.member("name") else { return kind.rawValue }
        return "\(kind.rawValue) \(name)"
    }
}

extension APIClient {
    /// The request for the list of this namespace's pools.
    var pools: APIRequest {
        APIRequest(.list, KubernetesClientTests.pools, namespace: namespace)
    }

    /// Watches this namespace's pools from now on.
    func watch(streamTimeout: Duration = .seconds(300)) throws -> APIWatch {
        try client.watch(pools, from: version(), streamTimeout: streamTimeout)
    }

    /// The version of the list of this namespace's pools.
    func version() throws -> String {
        try client.list(pools, deadline: .far) { _ in true } ?? ""
    }

    /// Writes a word into a pool.
    @discardableResult
    func label(_ name: String, _ value: String) throws -> APIReply {
        try send(
            .patch(
                .array([
                    .object([
                        "op": .string("add"), "path": .string("/metadata/labels"),
                        "value": .object(["word": .string(value)]),
                    ])
                ])
            ),
            name
        )
    }
}
