import Testing

@testable import EtcdClient

extension Watcher {
    /// The next response, which must come.
    func response() throws -> WatchResponse {
        try #require(try next(deadline: .far), "\(interruption?.description ?? "connected, and nothing came")")
    }

    /// Waits until a watch that was just added stands, and returns the revision that it starts from.
    @discardableResult
    func created(_ id: WatchID) throws -> Int64 {
        let response = try response()
        #expect(response.watchID == id)
        guard case .created(let startRevision) = response.content else {
            throw UnexpectedResponse(response: response)
        }
        return startRevision
    }

    /// The next events of a watch, as many or more.
    func events(_ count: Int, of id: WatchID) throws -> [WatchEvent] {
        var events: [WatchEvent] = []
        while events.count < count {
            let response = try response()
            guard response.watchID == id, !response.events.isEmpty else {
                throw UnexpectedResponse(response: response)
            }
            events += response.events
        }
        return events
    }

    /// Why a watch has ended.
    func cancellation(of id: WatchID) throws -> WatchCancellation {
        while true {
            let response = try response()
            if response.watchID == id, case .canceled(let cancellation) = response.content { return cancellation }
        }
    }
}

/// A response other than the one that was due.
struct UnexpectedResponse: Error {
    let response: WatchResponse
}

extension WatchEvent {
    /// The value as text.
    var text: String {
        String(decoding: keyValue.value, as: UTF8.self)
    }
}

extension EtcdClient {
    /// Writes a key and returns the revision.
    @discardableResult
    func put(_ key: Key, _ value: String) throws -> Int64 {
        try #require(try put(PutRequest(key, value), deadline: .far).header).revision
    }

    /// Deletes a key and returns the revision.
    @discardableResult
    func delete(_ key: Key) throws -> Int64 {
        try #require(try deleteRange(DeleteRangeRequest(.single(key)), deadline: .far).header).revision
    }
}
