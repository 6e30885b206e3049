internal import CNI
internal import EtcdClient
internal import JSON

/// Reads the members of a JSON object by type.
///
/// What is absent, null or its type's zero value reads as nil.
struct ObjectReader {
    private let object: JSONValue
    /// What stands before a key in an error: the path of the object and a dot.
    private let path: String

    init(_ object: JSONValue, path: String = "") {
        self.object = object
        self.path = path
    }

    func string(_ key: String) throws(ConfigurationError) -> String? {
        switch object.member(key) {
        case nil, .null: return nil
        case .string(let text): return text.isEmpty ? nil : text
        case .some: throw wrongType(key, "a text in quotes")
        }
    }

    /// A text, or a list of texts, which is read as one text with commas between.
    func stringOrStrings(_ key: String) throws(ConfigurationError) -> String? {
        guard case .array = object.member(key) else { return try string(key) }
        let texts = try strings(key)
        return texts.isEmpty ? nil : texts.joined(separator: ",")
    }

    /// A text that must not be shown.
    func secret(_ key: String) throws(ConfigurationError) -> Secret? {
        try string(key).map(Secret.init)
    }

    func bool(_ key: String) throws(ConfigurationError) -> Bool? {
        switch object.member(key) {
        case nil, .null: return nil
        case .bool(let value): return value
        case .some: throw wrongType(key, "true or false")
        }
    }

    func integer(_ key: String) throws(ConfigurationError) -> Int64? {
        switch object.member(key) {
        case nil, .null: return nil
        case .integer(let value): return value == 0 ? nil : value
        case .some: throw wrongType(key, "a whole number")
        }
    }

    /// A number that may be zero, as far as it fits.
    func count(_ key: String) throws(ConfigurationError) -> Int? {
        switch object.member(key) {
        case nil, .null: return nil
        case .integer(let value) where value >= 0: return Int(value)
        case .some: throw wrongType(key, "a whole number, 0 or more")
        }
    }

    func strings(_ key: String) throws(ConfigurationError) -> [String] {
        var texts: [String] = []
        for (index, element) in try array(key).enumerated() {
            guard case .string(let text) = element else {
                throw wrongType("\(key)[\(index)]", "a text in quotes", element)
            }
            texts.append(text)
        }
        return texts
    }

    func object(_ key: String) throws(ConfigurationError) -> ObjectReader? {
        switch object.member(key) {
        case nil, .null: return nil
        case .object(let members): return ObjectReader(.object(members), path: "\(path)\(key).")
        case .some: throw wrongType(key, "an object")
        }
    }

    func objects(_ key: String) throws(ConfigurationError) -> [ObjectReader] {
        var readers: [ObjectReader] = []
        for (index, element) in try array(key).enumerated() {
            guard case .object = element else {
                throw wrongType("\(key)[\(index)]", "an object", element)
            }
            readers.append(ObjectReader(element, path: "\(path)\(key)[\(index)]."))
        }
        return readers
    }

    /// An element of a list in which a text stands for an object.
    enum ObjectOrText {
        case object(ObjectReader)
        case text(String)
    }

    func objectsOrTexts(_ key: String) throws(ConfigurationError) -> [ObjectOrText] {
        var elements: [ObjectOrText] = []
        for (index, element) in try array(key).enumerated() {
            switch element {
            case .object: elements.append(.object(ObjectReader(element, path: "\(path)\(key)[\(index)].")))
            case .string(let text): elements.append(.text(text))
            default: throw wrongType("\(key)[\(index)]", "an object, or a text in quotes", element)
            }
        }
        return elements
    }

    /// The elements of a list, of any type.
    func array(_ key: String) throws(ConfigurationError) -> [JSONValue] {
        switch object.member(key) {
        case nil, .null: return []
        case .array(let elements): return elements
        case .some: throw wrongType(key, "a list")
        }
    }

    /// Names the key, the type and what is there instead.
    ///
    /// Texts, lists and objects are not shown: each may be a password in the wrong place, or have one in it. Nor is anything that
    /// is for etcd.
    private func wrongType(_ key: String, _ type: String, _ element: JSONValue? = nil) -> ConfigurationError {
        let value = element ?? object.member(key) ?? .null
        let found =
            switch value {
            case _ where key.lowercased().hasPrefix("etcd_"): value.kind
            case .integer(let number): "the number \(number)"
            case .number(let number): "the number \(number)"
            case .bool(let isTrue): "\(isTrue)"
            default: value.kind
            }
        return ConfigurationError(
            key: path + key,
            reason: "must be \(type), and is \(found)" + Self.remedy(type, value)
        )
    }

    private static func remedy(_ type: String, _ value: JSONValue) -> String {
        switch value {
        case .string where type == "a list", .object where type == "a list": "; put it into brackets"
        case .string(let text) where type.hasPrefix("a whole number") && Int64(text) != nil: "; write it without quotes"
        case .string("true") where type == "true or false": "; write it without quotes"
        case .string("false") where type == "true or false": "; write it without quotes"
        default: ""
        }
    }
}
