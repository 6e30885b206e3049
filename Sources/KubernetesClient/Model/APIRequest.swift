public import JSON

/// One request of the Kubernetes API.
public struct APIRequest: Hashable, Sendable {
    /// What is asked for (Kubernetes API concepts, "API terminology").
    public enum Verb: Hashable, Sendable {
        /// An object as it is now.
        case get
        /// The objects of a kind, with the query's selectors.
        case list
        /// A new object.
        case create(JSONValue)
        /// An object in place of the one that there is, which must be at the version that this one names, if it names one.
        case update(JSONValue)
        /// A change of an object by JSON Patch (RFC 6902): all operations or none.
        case patch(JSONValue)
        /// The end of an object that is still the one which is meant.
        case delete(uid: String?, resourceVersion: String?)
    }

    /// What is asked for.
    public let verb: Verb
    /// The kind of object.
    public let resource: APIResource
    /// The namespace; nil for objects without one, and for a list of all.
    public let namespace: String?
    /// The object's name; nil for a list and for a new object, which names itself.
    public let name: String?
    /// The parameters of the query.
    public let query: [String: String]
    /// Whether of objects only their metadata are asked for (PartialObjectMetadata); of a read.
    public let isMetadataOnly: Bool

    /// Makes a request.
    public init(
        _ verb: Verb,
        _ resource: APIResource,
        namespace: String?,
        name: String? = nil,
        query: [String: String] = [:],
        isMetadataOnly: Bool = false
    ) {
        self.verb = verb
        self.resource = resource
        self.namespace = namespace
        self.name = name
        self.query = query
        self.isMetadataOnly = isMetadataOnly
    }

    /// Whether it changes nothing, so that it can be repeated at will.
    var isRead: Bool {
        switch verb {
        case .get, .list: true
        case .create, .update, .patch, .delete: false
        }
    }

    /// Whether the list's changes are asked for, one after the other (Kubernetes API concepts, "Efficient detection of changes").
    private var isWatch: Bool {
        query["watch"] != nil
    }

    /// The verb as RBAC names it.
    var rbacVerb: String {
        switch verb {
        case .get: "get"
        case .list: isWatch ? "watch" : "list"
        case .create: "create"
        case .update: "update"
        case .patch: "patch"
        case .delete: "delete"
        }
    }

    /// The method of HTTP.
    var method: String {
        switch verb {
        case .get, .list: "GET"
        case .create: "POST"
        case .update: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        }
    }

    /// The media type of the body; nil without one.
    var contentType: String? {
        switch verb {
        case .get, .list: nil
        case .create, .update, .delete: "application/json"
        case .patch: "application/json-patch+json"
        }
    }

    /// The media types of the answer that are asked for; a server that knows no metadata alone sends whole objects.
    var accept: String {
        guard isRead, isMetadataOnly else { return "application/json" }
        let kind = verb == .list && !isWatch ? "PartialObjectMetadataList" : "PartialObjectMetadata"
        return "application/json;as=\(kind);g=meta.k8s.io;v=v1,application/json"
    }

    /// What can't stand in a path of the API; nil when all is well.
    ///
    /// A name that were missing, or that a server took for more than one segment, would have it delete or show something else.
    var flaw: String? {
        let needsName =
            switch verb {
            case .get, .update, .patch, .delete: true
            case .list, .create: false
            }
        guard needsName == (name != nil) else {
            return "a request to \(rbacVerb) \(resource.plural) \(needsName ? "needs a" : "has no") name"
        }
        // Kubernetes API conventions, "path segment names".
        return [(what: "namespace", text: namespace), (what: "name", text: name)].lazy.compactMap { what, text in
            guard let text, ["", ".", ".."].contains(text) || text.contains(where: { $0 == "/" || $0 == "%" }) else {
                return nil
            }
            return "the \(what) \"\(text)\" is none that an object can have"
        }.first
    }

    /// The body; empty for none.
    var body: [UInt8] {
        switch verb {
        case .get, .list:
            return []
        case .create(let object), .update(let object), .patch(let object):
            return object.encoded()
        case .delete(let uid, let resourceVersion):
            var preconditions: [String: JSONValue] = [:]
            preconditions["uid"] = uid.map(JSONValue.string)
            preconditions["resourceVersion"] = resourceVersion.map(JSONValue.string)
            return JSONValue.object([
                "apiVersion": .string("v1"), "kind": .string("DeleteOptions"), "preconditions": .object(preconditions),
            ]).encoded()
        }
    }

    /// The path with the query, percent-encoded (RFC 3986 section 2.1).
    var path: String {
        let path = resource.path(namespace: namespace, name: name)
        guard !query.isEmpty else { return path }
        let pairs = query.keys.sorted().map { key in
            "\(PercentEncoding.encode(key))=\(PercentEncoding.encode(query[key] ?? ""))"
        }
        return path + "?" + pairs.joined(separator: "&")
    }

    /// What is asked for, for messages.
    var description: String {
        let kind = resource.group.isEmpty ? resource.plural : "\(resource.plural).\(resource.group)"
        return "\(rbacVerb) \(kind)" + (name.map { " \($0)" } ?? "") + (namespace.map { " in namespace \($0)" } ?? "")
    }
}
