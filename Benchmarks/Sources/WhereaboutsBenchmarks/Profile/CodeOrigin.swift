/// Whose code a function of the plugin is; the raw value is how the document calls it.
enum CodeOrigin: String, CaseIterable {
    case swiftMetadata = "Swift runtime: metadata and conformances"
    case swiftRuntime = "Swift runtime: the rest"
    case standardLibrary = "Swift standard library"
    case whereabouts = "Whereabouts"
    case cni = "CNI"
    case ipam = "IPAM"
    case ipTypes = "IPTypes"
    case json = "JSON"
    case etcdClient = "EtcdClient"
    case bridge = "CGRPCBridge"
    case packages = "swift-log, swift-system"
    case grpc = "gRPC with its own libraries"
    case abseil = "Abseil"
    case openssl = "OpenSSL"
    case protobufC = "protobuf-c"
    case cLibrary = "C library"
    case rest = "the rest"

    /// The modules whose functions begin with their names.
    private static let modules: [String: CodeOrigin] = [
        "Whereabouts": .whereabouts, "WhereaboutsPlugin": .whereabouts, "CNI": .cni, "IPAM": .ipam,
        "IPTypes": .ipTypes, "JSON": .json, "EtcdClient": .etcdClient, "Logging": .packages, "SystemPackage": .packages,
    ]

    /// Tells whose a Swift function is; nil for a name that Swift has not mangled.
    ///
    /// A name begins with its module, or with `S` or `s` for the standard library; what extends a type of the standard library
    /// has its module behind the type, with an `E`.
    init?(swiftFunction name: String) {
        guard name.hasPrefix("$s") || name.hasPrefix("$S") else { return nil }
        let mangled = name.dropFirst(2)
        if let length = Int(mangled.prefix { $0.isNumber }) {
            let module = mangled.drop { $0.isNumber }.prefix(length)
            self = Self.modules[String(module)] ?? .rest
            return
        }
        let own = Self.modules.first { module, _ in mangled.contains("\(module.count)\(module)E") }
        self = own?.value ?? .standardLibrary
    }

    /// Tells which part of Swift's runtime a function of it belongs to.
    init(runtimeFunction name: String) {
        let ofMetadata = [
            "Metadata", "Conform", "MangledName", "Demangl", "WitnessTable", "TypeContext", "TypeDescriptor", "TypeRef",
            "Protocol", "AssociatedType", "ConcurrentReadableHashMap", "Generic", "TypeBy", "TypeLookup",
        ]
        self = ofMetadata.contains { name.contains($0) } ? .swiftMetadata : .swiftRuntime
    }
}
