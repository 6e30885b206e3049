/// The counts that an etcd publishes of itself, in the text format of Prometheus.
public struct EtcdMetrics: Sendable {
    let text: String

    /// The sum of the counts whose lines begin with a text: a name, and labels or a part of them, or a blank.
    public func sum(of beginning: String) -> Int {
        text.split(separator: "\n").filter { $0.hasPrefix(beginning) }
            .reduce(0) { sum, line in
                sum + (line.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0)
            }
    }
}
