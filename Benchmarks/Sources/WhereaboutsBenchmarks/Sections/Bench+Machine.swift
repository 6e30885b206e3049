internal import AllocationHistory
internal import EtcdLab
internal import Foundation

extension Bench {
    /// What the figures were measured on.
    func machine() throws -> Section {
        var table = MarkdownTable(["what", "is"])
        let memory = Self.value(of: "MemTotal", in: "/proc/meminfo").split(separator: " ").first.flatMap { Double($0) }
        table.append(["processor", Self.value(of: "model name", in: "/proc/cpuinfo")])
        table.append(["cores", String(ProcessInfo.processInfo.activeProcessorCount)])
        table.append(["memory", "\(((memory ?? 0) / 1_048_576).decimal(1)) GiB"])
        table.append(["kernel", try Self.contents("/proc/sys/kernel/osrelease")])
        table.append(["Debian", try Self.contents("/etc/debian_version")])
        table.append(["etcd", EtcdServer.version])
        let hostLocal = ["-W", "-f", "${Version}", "containernetworking-plugins"]
        table.append(["host-local", try RunningProcess.run("dpkg-query", hostLocal)])
        table.append(["data of etcd and host-local", isInMemory ? "in memory" : "on disk"])
        let size = try FileManager.default.attributesOfItem(atPath: plugin)[.size] as? Int
        table.append(["the plugin's file, bytes", size.map(String.init) ?? ""])
        table.append(["commit", try Self.commit()])
        table.append(["date", try Self.date()])
        return Section(title: "The machine", table: table)
    }

    /// What is said of figures that were measured without the others.
    func separateNote() throws -> String {
        "Measured apart from the other figures, at commit \(try Self.commit()) on \(try Self.date())."
    }

    private static func commit() throws -> String {
        let arguments = ["-C", Checkout.root.path, "describe", "--always", "--dirty", "--exclude=*"]
        return trimmed(try RunningProcess.run("git", arguments))
    }

    private static func date() throws -> String {
        trimmed(try RunningProcess.run("date", ["--utc", "--iso-8601"]))
    }

    /// The first value that a file of `name: value` lines has for a name.
    private static func value(of name: String, in file: String) -> String {
        let lines = (try? contents(file))?.split(separator: "\n") ?? []
        let line = lines.first { $0.hasPrefix(name) }
        return line?.split(separator: ":").last.map { trimmed(String($0)) } ?? ""
    }

    private static func contents(_ file: String) throws -> String {
        trimmed(try String(contentsOfFile: file, encoding: .utf8))
    }

    private static func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
