internal import CNI
internal import EtcdLab
internal import Foundation

extension Bench {
    private static let range = "10.20.0.0/16"

    /// One process at a time: ADD, and DEL.
    func serial(_ figures: inout Figures) throws -> [Section] {
        // Each row has an etcd of its own: one that others use too would be quicker to answer.
        let (secure, tls) = try etcdWithTLS()
        let (guarded, user) = try etcdWithUser()
        let (uncached, _) = try etcdWithUser()
        let withoutCache = user.merging(["etcd_token_cache": "none"]) { $1 }
        let networks = [
            ("plain", try network("plain", at: try etcd(), range: Self.range)),
            ("mutual TLS", try network("tls", at: secure, range: Self.range, tls)),
            ("user, token cached", try network("cached", at: guarded, range: Self.range, user)),
            ("user, no token cache", try network("uncached", at: uncached, range: Self.range, withoutCache)),
            ("host-local", try hostLocal("host-local", range: Self.range)),
        ]
        func calls(_ command: CNICommand, after other: CNICommand) -> [TimedCall] {
            networks.map { name, network in
                TimedCall(name: name, call: network.call(command, "pod"), before: network.call(other, "pod"))
            }
        }
        let adds =
            calls(.add, after: .delete) + [
                TimedCall(name: "etcdctl put", call: etcdctlPut(try etcd())),
                TimedCall(name: "static C hello", call: try staticHello()),
            ]
        let add = try ProcessContest(adds, scale, report: path("memory"))
        figures.addOverTLS = add.ratio(1)
        figures.addByHostLocal = add.ratio(0, to: 4)
        figures.addByEtcdctl = add.ratio(0, to: 5)
        for add in adds { try add.prepare() }
        let delete = try ProcessContest(calls(.delete, after: .add), scale, report: path("memory"))
        return [
            Section(
                title: "ADD, one at a time",
                note: "Medians of \(scale.rounds) rounds.",
                table: add.table("ADD")
            ),
            Section(
                title: "DEL, one at a time",
                note: "Medians of \(scale.rounds) rounds.",
                table: delete.table("DEL")
            ),
        ]
    }

    /// A write of one key by etcd's own command line client.
    private func etcdctlPut(_ server: EtcdServer) -> Invocation {
        Invocation(
            executable: "/usr/bin/etcdctl",
            arguments: ["--endpoints", server.endpoint, "put", "benchmark", "value"],
            environment: ["ETCDCTL_API": "3", "HOME": "/"],
            output: path("etcdctl")
        )
    }

    /// What a process costs that does nothing.
    private func staticHello() throws -> Invocation {
        let (source, program) = (path("hello.c"), path("hello"))
        let text = "#include <unistd.h>\nint main(void) { return write(1, \"hello\\n\", 6) != 6; }\n"
        try text.write(toFile: source, atomically: false, encoding: .utf8)
        try RunningProcess.run("cc", ["-static", "-O2", "-o", program, source])
        return Invocation(executable: program, output: path("hello.out"))
    }
}
