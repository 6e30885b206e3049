public import EtcdClient
internal import JSON

extension KubernetesClient {
    /// Lists objects in pages, all of one version; begins anew when the server does not have that any more before all were read.
    ///
    /// - Parameters:
    ///   - request: The request for the list, with its selectors.
    ///   - pageSize: The most objects of one page.
    ///   - deadline: When the list must be whole.
    ///   - body: Is given each page, and returns whether it wants more.
    /// - Returns: The version of the list, from which a watch goes on; nil when `body` wanted no more.
    /// - Throws: `KubernetesError` as `send` does.
    public func list(
        _ request: APIRequest,
        pageSize: Int = 500,
        deadline: Deadline,
        _ body: (APIPage) -> Bool
    ) throws(KubernetesError) -> String? {
        var pacing = Pacing()
        var token: String?
        while true {
            let list: JSONValue
            do throws(KubernetesError) {
                list = try page(request, size: pageSize, token, deadline: deadline)
            } catch {
                guard error.isGone, token != nil, pacing.pause(before: deadline) else { throw error }
                token = nil
                continue
            }
            guard let metadata = list.member("metadata"),
                case .string(let version)? = metadata.member("resourceVersion"),
                let items = Self.items(list)
            else { throw Self.malformed(request) }
            guard body(APIPage(items: items, isFirst: token == nil)) else { return nil }
            guard case .string(let next)? = metadata.member("continue"), !next.isEmpty else { return version }
            token = next
        }
    }

    private func page(
        _ request: APIRequest,
        size: Int,
        _ token: String?,
        deadline: Deadline
    ) throws(KubernetesError) -> JSONValue {
        var query = request.query
        query["limit"] = String(size)
        query["continue"] = token
        let part = APIRequest(
            request.verb,
            request.resource,
            namespace: request.namespace,
            name: request.name,
            query: query,
            isMetadataOnly: request.isMetadataOnly
        )
        guard case .object(let list) = try send(part, deadline: deadline) else { throw Self.malformed(request) }
        return list
    }

    /// The objects of a page; null where there is none, of some kinds.
    private static func items(_ list: JSONValue) -> [JSONValue]? {
        switch list.member("items") {
        case .array(let items)?: items
        case .null?: []
        default: nil
        }
    }

    private static func malformed(_ request: APIRequest) -> KubernetesError {
        KubernetesError(.malformedReply, "the answer to \(request.description) is no list")
    }
}
