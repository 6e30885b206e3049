internal import AllocationHistory
internal import CNI
internal import Foundation

extension Bench {
    /// The instructions of an ADD and a DEL, and whose they are.
    func profile() throws -> [Section] {
        guard let namedPlugin else { return [] }
        let libraries = try LinkedLibraries()
        let (secure, tls) = try etcdWithTLS()
        var plain = try network("profile", at: try etcd(), range: "10.20.0.0/16")
        var overTLS = try network("profile-tls", at: secure, range: "10.20.0.0/16", tls)
        plain.plugin = namedPlugin
        overTLS.plugin = namedPlugin
        let calls = [
            ("ADD", plain.call(.add, "pod")), ("ADD, mutual TLS", overTLS.call(.add, "pod")),
            ("DEL", plain.call(.delete, "pod")),
        ]
        let profiles = try calls.map { try profile(of: $0.1) }
        var table = MarkdownTable(["instructions"] + calls.map(\.0))
        table.append(["all, in millions"] + profiles.map { (Double($0.total) / 1e6).decimal(2) })
        for origin in CodeOrigin.allCases {
            let shares = profiles.map { profile in
                let cost = profile.costs.reduce(0) { libraries.origin(of: $1.key) == origin ? $0 + $1.value : $0 }
                return Double(cost) / Double(profile.total)
            }
            guard shares.contains(where: { $0 > 0 }) else { continue }
            table.append([origin.rawValue] + shares.map { "\(($0 * 100).decimal(1)) %" })
        }
        let note =
            "By callgrind, without the kernel's. Each group has what its own functions execute, without what these call."
        return [Section(title: "Instructions of one call", note: note, table: table)]
    }

    private func profile(of call: Invocation) throws -> CallgrindProfile {
        let output = path("callgrind")
        let options = ["--tool=callgrind", "--demangle=no", "--callgrind-out-file=\(output)"]
        _ = try ChildProcess.run(call.started(by: "/usr/bin/valgrind", options))
        return CallgrindProfile(try String(contentsOfFile: output, encoding: .utf8))
    }
}
