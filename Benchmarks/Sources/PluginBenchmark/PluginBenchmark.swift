import ArgumentParser
import EtcdClient
import Foundation

/// Times whole processes, A against B in turn, so that a machine whose speed drifts slows both alike.
@main struct PluginBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmarks/run",
        abstract: "Measures the plugin as a whole process, against others in turn."
    )

    @Option(help: "The plugin's binary.")
    var plugin: String

    @Option(help: "How often each process is run.")
    var runs = 200

    @Option(help: "How many addresses of the /16 are taken in the comparison of a full pool with an empty one.")
    var fill = 50_000

    @Flag(help: "A short run that shows only that the benchmark works.")
    var smoke = false

    func run() throws {
        let runs = smoke ? 10 : runs
        let fill = smoke ? 500 : fill
        let scratch = try ScratchDirectory()
        let etcd = try Etcd(in: scratch)
        var subjects = try Subjects(plugin: plugin, etcd: etcd, scratch: scratch)
        let secure = try Etcd(in: scratch, securely: true)
        let guarded = try Etcd(in: scratch)
        try guarded.enableAuthentication(user: "benchmark", password: "benchmark")
        try subjects.addNetwork(
            "tls",
            etcd: secure,
            """
            "etcd_ca_cert_file": "\(Etcd.fixtures)/ca.crt", "etcd_cert_file": "\(Etcd.fixtures)/client-ecdsa.crt", \
            "etcd_key_file": "\(Etcd.fixtures)/client-ecdsa.key"
            """
        )
        for (network, cache) in [("cached", "\(scratch.path)/tokens"), ("uncached", "none")] {
            try subjects.addNetwork(
                network,
                etcd: guarded,
                """
                "etcd_username": "benchmark", "etcd_password": "benchmark", "etcd_token_cache": "\(cache)"
                """
            )
        }

        print("\(runs) runs each, medians in milliseconds; etcd and host-local keep their data in \(scratch.kind).\n")
        print(Comparison.header)
        func free() throws {
            for network in ["empty", "full", "tls", "cached", "uncached"] { try subjects.delete(network).run() }
            try subjects.hostLocal("DEL").run()
        }
        func take() throws {
            try subjects.add("empty").run()
            try subjects.hostLocal("ADD").run()
        }
        let add = subjects.add("empty")
        try Comparison("ADD", add, "host-local ADD", subjects.hostLocal("ADD")).run(runs, before: free)
        try free()
        try Comparison("DEL", subjects.delete("empty"), "host-local DEL", subjects.hostLocal("DEL")).run(
            runs,
            before: take
        )
        try Comparison("ADD", add, "etcdctl put", subjects.etcdctlPut).run(runs, before: free)
        try subjects.fill("full", count: fill)
        let growth = try Comparison("ADD, \(fill) taken", subjects.add("full"), "ADD, none taken", add)
            .run(runs, before: free)
        let overTLS = try Comparison("ADD, mutual TLS", subjects.add("tls"), "ADD", add).run(runs, before: free)
        try Comparison("ADD, token cached", subjects.add("cached"), "ADD", add).run(runs, before: free)
        try Comparison("ADD, no token cache", subjects.add("uncached"), "ADD", add).run(runs, before: free)
        try Comparison("ADD", add, "static C hello", subjects.floor).run(runs, before: free)
        // Ten runs say nothing about speed, so a short run judges nothing.
        guard smoke || growth <= 1.5 else {
            throw Program.Failure(description: "an ADD slows down as its pool fills: \(growth) times the time")
        }
        guard smoke || overTLS <= 2 else {
            throw Program.Failure(description: "an ADD over TLS takes \(overTLS) times as long as one in clear text")
        }
    }
}
