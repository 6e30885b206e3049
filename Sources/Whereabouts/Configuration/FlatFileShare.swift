internal import CNI
internal import JSON

/// What of a configuration comes from the flat file: its path, and the keys that the network leaves to it.
struct FlatFileShare: Hashable {
    let path: String
    /// The top-level keys in lower case.
    let keys: Set<String>

    /// Compares the objects of the two places.
    init(_ flatFile: FlatFile, besides network: JSONValue) {
        path = flatFile.path
        keys = Self.givenKeys(flatFile.object).intersection(WireConfiguration.knownKeys)
            .subtracting(Self.givenKeys(network))
    }

    /// The keys in order, as the documentation spells them.
    var spelledKeys: [String] {
        keys.map { $0 == "ipranges" ? "ipRanges" : $0 }.sorted()
    }

    /// The key as an error names it: behind the path of the file when the value stands there, or what makes a value necessary.
    func place(of key: String, beside givenKey: String? = nil) -> String {
        let top = (givenKey ?? key).prefix { $0 != "." && $0 != "[" }.lowercased()
        return keys.contains(top) ? "\(path): \(key)" : key
    }

    /// The keys whose value is not the one that counts as not given.
    private static func givenKeys(_ json: JSONValue) -> Set<String> {
        guard case .object(let members) = json else { return [] }
        return Set(
            members.compactMap { key, value in
                switch value {
                case .null, .string(""), .integer(0), .array([]), .object([:]): nil
                default: key.lowercased()
                }
            }
        )
    }
}
