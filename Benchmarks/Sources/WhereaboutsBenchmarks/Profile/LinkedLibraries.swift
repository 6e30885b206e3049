internal import EtcdLab
internal import Foundation

/// The libraries that the plugin is linked with, to tell whose a function is.
struct LinkedLibraries {
    private var origins: [String: CodeOrigin] = [:]
    private var runtime: Set<String> = []

    /// The libraries that Debian packages, without prefix and suffix.
    private static let packaged: KeyValuePairs<CodeOrigin, [String]> = [
        .cLibrary: ["c"],
        .grpc: ["grpc", "gpr", "address_sorting", "upb", "cares", "re2"],
        .openssl: ["ssl", "crypto"],
        .protobufC: ["protobuf-c"],
    ]

    /// Reads the names that the libraries define, also those that they keep to themselves.
    init() throws {
        for (origin, libraries) in Self.packaged {
            add(origin, try Self.names(in: libraries.map { try Self.path(of: "lib\($0).a") }))
        }
        let abseil = try Self.files(in: Self.path(of: "libgrpc.a").deletingLastPathComponent()) {
            $0.lastPathComponent.hasPrefix("libabsl_") && $0.pathExtension == "a"
        }
        add(.abseil, try Self.names(in: abseil))
        // The C of this package is found where it was built.
        let bridge = Checkout.root.appendingPathComponent(".build/release/CGRPCBridge.build")
        add(.bridge, try Self.names(in: Self.files(in: bridge) { $0.pathExtension == "o" }))
        let swift = try RunningProcess.run("sh", ["-c", "readlink -f \"$(command -v swift)\""])
        let toolchain = URL(fileURLWithPath: swift.trimmingCharacters(in: .newlines))
            .deletingLastPathComponent().deletingLastPathComponent()
        let core = toolchain.appendingPathComponent("lib/swift_static/linux/libswiftCore.a")
        runtime = Set(try Self.names(in: [core]))
    }

    /// Tells whose a function is.
    func origin(of function: String) -> CodeOrigin {
        if let origin = CodeOrigin(swiftFunction: function) ?? origins[function] { return origin }
        return runtime.contains(function) ? CodeOrigin(runtimeFunction: function) : .rest
    }

    /// The first that defines a name has it: C++ puts copies of a template into every library that uses it.
    private mutating func add(_ origin: CodeOrigin, _ names: [String]) {
        for name in names where origins[name] == nil {
            origins[name] = origin
        }
    }

    /// Where the compiler finds a library.
    private static func path(of library: String) throws -> URL {
        let path = try RunningProcess.run("cc", ["-print-file-name=\(library)"])
        return URL(fileURLWithPath: path.trimmingCharacters(in: .newlines)).standardizedFileURL
    }

    private static func files(in directory: URL, where isWanted: (URL) -> Bool) throws -> [URL] {
        try FileManager.default.subpathsOfDirectory(atPath: directory.path)
            .map { directory.appendingPathComponent($0) }.filter(isWanted)
    }

    private static func names(in files: [URL]) throws -> [String] {
        let names = try RunningProcess.run(
            "nm",
            ["--defined-only", "--format=just-symbols"] + files.map(\.path)
        )
        return names.split(separator: "\n").map(String.init)
    }
}
