internal import CNI
internal import EtcdClient
internal import JSON
internal import SystemPackage

/// The file with the options that all network configurations of a node share (seed document, "flat file").
struct FlatFile {
    /// Where the file was found.
    let path: String
    /// Its contents as they were written.
    let object: JSONValue

    /// The file's name in a directory.
    static let name = "whereabouts.conf"

    /// The places where a node's file is looked for when the network configuration names none, or one that is not there.
    static let fixedPaths = [
        "/etc/kubernetes/cni/net.d/whereabouts.d/whereabouts.conf",
        "/etc/cni/net.d/whereabouts.d/whereabouts.conf",
    ]

    /// Reads the first file that exists.
    ///
    /// - Parameter paths: The places in order; at a directory the file in it named `whereabouts.conf` is meant.
    /// - Returns: Nil when no file exists, which is fine.
    /// - Throws: `ConfigurationError` naming the file when it can't be read, or holds no object.
    static func find(_ paths: [String]) throws(ConfigurationError) -> FlatFile? {
        for place in paths {
            if let file = try read(place) { return file }
        }
        return nil
    }

    /// Reads a file, or the one that is meant by the directory of it; nil when it is not there.
    private static func read(_ path: String, inDirectory: Bool = false) throws(ConfigurationError) -> FlatFile? {
        let contents: [UInt8]
        do throws(Errno) {
            contents = try FileDescriptor.contents(of: FilePath(path))
        } catch {
            if error == .isDirectory, !inDirectory { return try read("\(path)/\(name)", inDirectory: true) }
            guard FilePath(path).exists else { return nil }
            throw ConfigurationError(key: path, reason: "exists and can't be read; check its owner and mode")
        }
        return try parse(contents, path: path)
    }

    private static func parse(_ contents: [UInt8], path: String) throws(ConfigurationError) -> FlatFile {
        let json: JSONValue
        do throws(JSONSyntaxError) {
            json = try JSONValue(parsing: contents)
        } catch {
            throw ConfigurationError(key: path, reason: "is not valid JSON: \(error)")
        }
        guard case .object = json else {
            throw ConfigurationError(
                key: path,
                reason: "must be an object with keys of ipam, and is \(json.kind)"
            )
        }
        return FlatFile(path: path, object: json)
    }

    /// What the network names as the place of the file, as far as it is a text.
    static func configuredPath(_ network: JSONValue) -> String? {
        guard case .string(let path)? = network.member("configuration_path"), !path.isEmpty else { return nil }
        return path
    }

    /// Its contents, as far as they count.
    ///
    /// - Throws: `ConfigurationError` naming the file when a value has the wrong type.
    func configuration(for purpose: ConfigurationPurpose) throws(ConfigurationError) -> WireConfiguration {
        do throws(ConfigurationError) {
            var configuration = try WireConfiguration(purpose.part(of: object))
            // What the directory of the node's own files is counts for every purpose.
            configuration.configurationPath = configuration.configurationPath ?? Self.configuredPath(object)
            return configuration
        } catch {
            throw error.naming("\(path): \(error.key)")
        }
    }

    /// The directory that holds the file.
    var directory: String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }
}
