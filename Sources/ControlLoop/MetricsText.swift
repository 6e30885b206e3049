/// Metrics as Prometheus reads them (Prometheus documentation, "Exposition formats", text-based format 0.0.4).
struct MetricsText {
    /// The media type.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The kinds of metric.
    enum Kind: String {
        /// A number that only grows.
        case counter
        /// A number that goes up and down.
        case gauge
        /// A distribution.
        case histogram
    }

    /// The text.
    private(set) var text = ""

    /// Adds a metric with its samples, each with its labels; one without samples is left out.
    mutating func add(
        _ kind: Kind,
        _ name: String,
        _ help: String,
        _ samples: [(labels: [(String, String)], value: String)]
    ) {
        guard !samples.isEmpty else { return }
        head(kind, name, help)
        for sample in samples { line(name, sample.labels, sample.value) }
    }

    /// Adds a metric without labels.
    mutating func add(_ kind: Kind, _ name: String, _ help: String, _ value: some BinaryInteger) {
        add(kind, name, help, [([], "\(value)")])
    }

    /// Adds a distribution for each value of a label.
    mutating func add(
        _ name: String,
        _ help: String,
        _ label: String,
        _ histograms: [(value: String, histogram: LatencyHistogram)]
    ) {
        guard !histograms.isEmpty else { return }
        head(.histogram, name, help)
        for (value, histogram) in histograms {
            var total: Int64 = 0
            for (bound, count) in zip(LatencyHistogram.bounds, histogram.counts) {
                total += count
                line(name + "_bucket", [(label, value), ("le", "\(bound)")], "\(total)")
            }
            line(name + "_bucket", [(label, value), ("le", "+Inf")], "\(histogram.count)")
            line(name + "_sum", [(label, value)], "\(histogram.sum)")
            line(name + "_count", [(label, value)], "\(histogram.count)")
        }
    }

    private mutating func head(_ kind: Kind, _ name: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0)=\"\(Self.escape($1))\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n", "\r\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
