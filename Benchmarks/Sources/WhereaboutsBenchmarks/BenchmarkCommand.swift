internal import ArgumentParser
internal import EtcdLab
internal import Foundation

/// Measures the plugin as a whole process, always in turn with what it is compared with.
@main
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmarks/run",
        abstract: "Measures the plugin as a whole process, in turn with others, and writes docs/benchmarks.md.",
        discussion: """
            Everything is printed. Without --only, --runs, --plugin and --smoke the figures in docs/benchmarks.md are replaced too, and with --only and \
            --write those of these sections. The exit status \
            is not 0 when a call failed that should not have, or a ratio that does not depend on the machine is far off.
            """
    )

    @Option(help: "Measure this section alone; may be repeated.")
    var only: [SectionName] = []
    @Flag(
        name: .customLong("write"),
        help: "With --only: replace these sections' figures in docs/benchmarks.md too, and leave the others."
    )
    var writesPart = false
    @Option(help: "How often each process that runs alone is measured.")
    var runs: Int?
    @Option(help: "The plugin's file, if it is not the one that Benchmarks/run has built.")
    var plugin: String?
    @Flag(help: "A short run that only shows that everything works.")
    var smoke = false
    @Option(help: .private)
    var builtPlugin: String
    @Option(help: .private)
    var namedPlugin: String
    @Option(help: .private)
    var standIn: String

    func validate() throws {
        guard !writesPart || !only.isEmpty && !only.contains(.targets) && runs == nil && plugin == nil && !smoke else {
            throw ValidationError("--write is for --only without targets, --runs, --plugin and --smoke")
        }
        guard runs ?? 1 > 0 else { throw ValidationError("--runs must be 1 or more") }
    }

    func run() throws {
        var scale = smoke ? Scale.smoke : .full
        scale.rounds = runs ?? scale.rounds
        let bench = try Bench(
            plugin: plugin ?? builtPlugin,
            namedPlugin: plugin == nil ? namedPlugin : nil,
            standIn: standIn,
            scale: scale
        )
        var figures = Figures()
        var parts: [SectionName: [Section]] = [:]
        for name in SectionName.allCases where only.isEmpty || only.contains(name) {
            Self.write("measuring: \(name.rawValue)", to: .standardError)
            let sections = try measure(name, bench, &figures)
            for section in sections {
                Self.write(section.markdown + "\n", to: .standardOutput)
            }
            parts[name] = sections
            bench.closeServers()
        }
        if only.isEmpty || writesPart { try write(parts, bench) }
        try judge(figures)
    }

    private func measure(_ name: SectionName, _ bench: Bench, _ figures: inout Figures) throws -> [Section] {
        switch name {
        case .machine: [try bench.machine()]
        case .serial: try bench.serial(&figures)
        case .atOnce: try bench.atOnce(&figures)
        case .fill: try bench.fill(&figures)
        case .pools: try bench.pools()
        case .referenceLoad: try bench.referenceLoad(&figures)
        case .exactPool: try bench.exactPool(&figures)
        case .kubernetes: try bench.kubernetes(&figures)
        case .profile: try bench.profile()
        case .targets: [Targets(figures: figures).section]
        }
    }

    /// Puts the figures into the document; those of a run that was made otherwise than the document says go into a copy.
    private func write(_ parts: [SectionName: [Section]], _ bench: Bench) throws {
        let file = Checkout.root.appendingPathComponent("docs/benchmarks.md")
        var document = Document(text: try String(contentsOf: file, encoding: .utf8))
        var parts = parts
        if writesPart {
            let note = try bench.separateNote()
            parts = parts.mapValues { $0.prefix(1).map { $0.noting(note) } + $0.dropFirst() }
        }
        try document.replaceFigures(by: parts)
        let isWhole = !smoke && runs == nil && plugin == nil
        let target = isWhole ? file : URL(fileURLWithPath: bench.path("benchmarks.md"))
        try document.text.write(to: target, atomically: true, encoding: .utf8)
        if isWhole { Self.write("written: docs/benchmarks.md", to: .standardError) }
    }

    /// Writes a line at once, also into a pipe.
    private static func write(_ line: String, to file: FileHandle) {
        file.write(Data("\(line)\n".utf8))
    }

    private func judge(_ figures: Figures) throws {
        // A few runs say nothing about speed.
        let alarms = smoke ? [] : Targets(figures: figures).alarms
        for line in figures.failures.prefix(10).map(\.description) + alarms {
            Self.write(line, to: .standardError)
        }
        guard figures.failures.isEmpty, alarms.isEmpty else { throw ExitCode.failure }
    }
}
