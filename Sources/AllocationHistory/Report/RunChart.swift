/// The drawing of a run: throughput and latency over time, one above the other, with the faults as bands across both.
struct RunChart {
    private static let width = 960.0
    private static let laneHeight = 15.0

    private let summary: RunSummary
    private let lanes: FaultLanes
    private let throughput: ChartFrame
    private let latency: ChartFrame

    /// Lays out the drawing of a run that had calls.
    init(_ summary: RunSummary) {
        self.summary = summary
        let left = 64.0
        let right = Self.width - 16
        let from = Double(summary.buckets.first?.start ?? 0)
        let to = Double((summary.buckets.last?.start ?? 0) + summary.bucketLength)
        let axis = ChartFrame(
            left: left,
            right: right,
            top: 0,
            bottom: 1,
            from: from,
            to: to,
            scale: .linear(maximum: 1)
        )
        lanes = FaultLanes(
            summary.faults,
            starts: summary.faults.map { axis.x($0.start.milliseconds) },
            left: left,
            right: right
        )
        let top = 24 + Double(lanes.count) * Self.laneHeight + 8
        let peak = Self.rates(summary) { max($0.acknowledged, $0.failed + $0.killed) }.map(\.rate).max() ?? 0
        throughput = ChartFrame(
            left: left,
            right: right,
            top: top,
            bottom: top + 190,
            from: from,
            to: to,
            scale: .linear(maximum: peak.roundedUpForAxis)
        )
        let times =
            summary.buckets.compactMap(\.latency).flatMap { [$0.p50, $0.p99] } + summary.failedCalls.map(\.latency)
        let lowest = Int((times.filter { $0 > 0 }.min() ?? 1).decimalLogarithm.rounded(.down))
        let highest = Int((times.max().map { max($0, 0.001) } ?? 1).decimalLogarithm.rounded(.up))
        latency = ChartFrame(
            left: left,
            right: right,
            top: top + 190 + 62,
            bottom: top + 190 + 62 + 220,
            from: from,
            to: to,
            scale: .logarithmic(lowest: max(lowest, -3), highest: max(highest, max(lowest, -3) + 1))
        )
    }

    /// The drawing as an SVG element.
    var svg: String {
        let height = latency.bottom + 44
        return """
            <svg viewBox="0 0 \(Self.width.decimal(0)) \(height.decimal(0))" role="img" aria-label="Throughput and latency over time">
            \(bands)
            \(grid(throughput, ticks: throughputTicks))
            \(grid(latency, ticks: latencyTicks))
            \(timeAxis)
            \(legend("Calls a second", [("acknowledged", "good"), ("not acknowledged", "bad")], y: 14))
            \(legend("Latency", [("p50", "p50"), ("p99", "p99")], dots: [("failed call", "failed"), ("killed on purpose", "killed")], y: latency.top - 14))
            \(rates)
            \(latencies)
            \(dots)
            \(labels)
            </svg>
            """
    }

    /// Together in one group, so that many at once grow no darker than its opacity allows.
    private var bands: String {
        let rectangles = summary.faults.enumerated().flatMap { index, fault in
            let from = throughput.x(fault.start.milliseconds)
            let to = throughput.x(fault.end?.milliseconds ?? throughput.to)
            let end = fault.end?.seconds ?? "the end"
            let title = Markup.escape("\(index + 1) \(fault.kind) \(fault.target), \(fault.start.seconds) to \(end)")
            return [throughput, latency].map { frame in
                """
                <rect class="fault" x="\(from.decimal(1))" y="\(frame.top.decimal(1))" \
                width="\(max(to - from, 1.5).decimal(1))" height="\((frame.bottom - frame.top).decimal(1))">\
                <title>\(title)</title></rect>
                """
            }
        }
        return "<g class=\"faults\">\n" + rectangles.joined(separator: "\n") + "\n</g>"
    }

    /// The faults' names above the plots, over lines that lead down to where the faults begin.
    private var labels: String {
        var leads: [String] = []
        var texts: [String] = []
        for (fault, label) in zip(summary.faults, lanes.labels) {
            guard let lane = label.lane else { continue }
            let y = 24 + Double(lane + 1) * Self.laneHeight
            let x = throughput.x(fault.start.milliseconds).decimal(1)
            leads.append(
                """
                <line class="lead" x1="\(x)" y1="\((y + 2).decimal(1))" x2="\(x)" y2="\(throughput.top.decimal(1))"/>
                """
            )
            texts.append(
                """
                <text class="label" x="\(label.x.decimal(1))" y="\(y.decimal(1))">\(Markup.escape(label.text))</text>
                """
            )
        }
        return (leads + texts).joined(separator: "\n")
    }

    private var throughputTicks: [(Double, String)] {
        guard case .linear(let maximum) = throughput.scale else { return [] }
        return (0...4).map { (maximum * Double($0) / 4, (maximum * Double($0) / 4).tick) }
    }

    private var latencyTicks: [(Double, String)] {
        guard case .logarithmic(let lowest, let highest) = latency.scale else { return [] }
        let factors: [Double] = highest - lowest <= 2 ? [1, 2, 5] : [1]
        var ticks: [(Double, String)] = []
        var power = (0..<abs(lowest)).reduce(1.0) { power, _ in lowest < 0 ? power / 10 : power * 10 }
        for exponent in lowest...highest {
            for factor in factors where exponent < highest || factor == 1 {
                let value = power * factor
                ticks.append((value, value >= 1000 ? (value / 1000).tick + " s" : value.tick + " ms"))
            }
            power *= 10
        }
        return ticks
    }

    private func grid(_ frame: ChartFrame, ticks: [(value: Double, text: String)]) -> String {
        ticks.map { tick in
            let y = frame.y(tick.value)
            return """
                <line class="grid" x1="\(frame.left.decimal(1))" y1="\(y.decimal(1))" x2="\(frame.right.decimal(1))" \
                y2="\(y.decimal(1))"/><text class="tick end" x="\((frame.left - 8).decimal(1))" \
                y="\((y + 4).decimal(1))">\(tick.text)</text>
                """
        }.joined(separator: "\n")
    }

    private var timeAxis: String {
        let step = ((latency.to - latency.from) / 10).roundedUpForAxis
        var time = (latency.from / step).rounded(.up) * step
        var marks: [String] = []
        while time <= latency.to {
            let x = latency.x(time)
            for frame in [throughput, latency] {
                marks.append(
                    """
                    <line class="grid" x1="\(x.decimal(1))" y1="\(frame.bottom.decimal(1))" x2="\(x.decimal(1))" \
                    y2="\((frame.bottom + 4).decimal(1))"/><text class="tick middle" x="\(x.decimal(1))" \
                    y="\((frame.bottom + 18).decimal(1))">\((time / 1000).tick)</text>
                    """
                )
            }
            time += step
        }
        marks.append(
            """
            <text class="tick end" x="\(latency.right.decimal(1))" y="\((latency.bottom + 36).decimal(1))">\
            seconds since the run began</text>
            """
        )
        return marks.joined(separator: "\n")
    }

    /// A heading with the lines' and dots' names behind it.
    private func legend(
        _ title: String,
        _ lines: [(name: String, style: String)],
        dots: [(name: String, style: String)] = [],
        y: Double
    ) -> String {
        var x = throughput.left
        var parts = ["<text class=\"heading\" x=\"\(x.decimal(1))\" y=\"\(y.decimal(1))\">\(title)</text>"]
        x += Double(title.count) * 8 + 24
        for (isLine, key) in lines.map({ (true, $0) }) + dots.map({ (false, $0) }) {
            let middle = (y - 4).decimal(1)
            parts.append(
                isLine
                    ? "<line class=\"line \(key.style)\" x1=\"\(x.decimal(1))\" y1=\"\(middle)\" x2=\"\((x + 18).decimal(1))\" y2=\"\(middle)\"/>"
                    : "<circle class=\"\(key.style)\" cx=\"\((x + 9).decimal(1))\" cy=\"\(middle)\" r=\"3\"/>"
            )
            parts.append(
                "<text class=\"tick\" x=\"\((x + 24).decimal(1))\" y=\"\(y.decimal(1))\">\(key.name)</text>"
            )
            x += 24 + Double(key.name.count) * 6.6 + 18
        }
        return parts.joined(separator: "\n")
    }

    private func middle(_ bucket: TimeBucket) -> Double {
        Double(bucket.start) + Double(summary.bucketLength) / 2
    }

    private var rates: String {
        func line(_ style: String, _ count: (TimeBucket) -> Int) -> String {
            polyline(style, [Self.rates(summary, count).map { ($0.time, $0.rate) }], throughput)
        }
        return line("bad") { $0.failed + $0.killed } + "\n" + line("good") { $0.acknowledged }
    }

    /// How many calls a second ended in each bucket, by the part of it that lies within the run.
    ///
    /// Of a first or last bucket of which the run covers next to nothing, nothing can be said.
    private static func rates(_ summary: RunSummary, _ count: (TimeBucket) -> Int) -> [(time: Double, rate: Double)] {
        let length = Double(summary.bucketLength)
        return summary.buckets.compactMap { bucket in
            let from = max(Double(bucket.start), summary.start)
            let to = min(Double(bucket.start) + length, summary.start + summary.duration)
            guard to - from >= length / 4 || summary.buckets.count < 4 else { return nil }
            return ((from + to) / 2, Double(count(bucket)) * 1000 / max(to - from, length / 4))
        }
    }

    private var latencies: String {
        // Stretches without a call break the lines.
        let runs = summary.buckets.split { $0.latency == nil }
        func line(_ style: String, _ value: (LatencySummary) -> Double) -> String {
            polyline(
                style,
                runs.map { run in run.compactMap { bucket in bucket.latency.map { (middle(bucket), value($0)) } } },
                latency
            )
        }
        return line("p99") { $0.p99 } + "\n" + line("p50") { $0.p50 }
    }

    private func polyline(_ style: String, _ runs: [[(Double, Double)]], _ frame: ChartFrame) -> String {
        runs.map { run in
            if run.count == 1, let point = run.first {
                return """
                    <circle class="point \(style)" cx="\(frame.x(point.0).decimal(1))" \
                    cy="\(frame.y(point.1).decimal(1))" r="2"/>
                    """
            }
            let points = run.map { "\(frame.x($0.0).decimal(1)),\(frame.y($0.1).decimal(1))" }
            return "<polyline class=\"line \(style)\" points=\"\(points.joined(separator: " "))\"/>"
        }.joined(separator: "\n")
    }

    /// A dot for every failed call; of several in one place one is drawn, with the first one's words.
    private var dots: String {
        struct Place: Hashable {
            let x: Int
            let y: Int
            let isKilled: Bool
        }
        var drawn: Set<Place> = []
        return summary.failedCalls.compactMap { call in
            let x = latency.x(call.time)
            let y = latency.y(call.latency)
            guard drawn.insert(Place(x: Int(x * 2), y: Int(y * 2), isKilled: call.isKilled)).inserted else {
                return nil
            }
            let title = "call \(call.call), \(call.verb.rawValue), \(call.kind) after \(call.latency.figure) ms"
            return """
                <circle class="\(call.isKilled ? "killed" : "failed")" cx="\(x.decimal(1))" cy="\(y.decimal(1))" \
                r="2.5"><title>\(Markup.escape(title))</title></circle>
                """
        }.joined(separator: "\n")
    }
}

extension Double {
    /// The number as an axis shows it: without zeros at the end.
    fileprivate var tick: String {
        var text = decimal(3)
        while text.last == "0" {
            text.removeLast()
        }
        if text.last == "." {
            text.removeLast()
        }
        return text
    }
}
