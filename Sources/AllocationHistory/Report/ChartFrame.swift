/// Where a plot stands in a drawing, and how its values lie along the upright axis.
struct ChartFrame {
    /// How values lie along the axis.
    enum Scale {
        /// From 0 to a value at the top.
        case linear(maximum: Double)
        /// From one power of ten to another.
        case logarithmic(lowest: Int, highest: Int)
    }

    /// The x coordinates of the plot's sides.
    let left: Double, right: Double
    /// The y coordinates of its upper and lower edge.
    let top: Double, bottom: Double
    /// The time at the left side, and at the right, in milliseconds.
    let from: Double, to: Double
    /// The upright axis.
    let scale: Scale

    /// The x coordinate of a time, within the plot.
    func x(_ time: Double) -> Double {
        let part = to > from ? (time - from) / (to - from) : 0
        return left + min(max(part, 0), 1) * (right - left)
    }

    /// The y coordinate of a value, within the plot.
    func y(_ value: Double) -> Double {
        let part =
            switch scale {
            case .linear(let maximum): maximum > 0 ? value / maximum : 0
            case .logarithmic(let lowest, let highest):
                value > 0 ? (value.decimalLogarithm - Double(lowest)) / Double(highest - lowest) : 0
            }
        return bottom - min(max(part, 0), 1) * (bottom - top)
    }
}

extension Double {
    /// The logarithm to the base of 10 of a positive number, to six digits: without the C library's, which Foundation brings.
    var decimalLogarithm: Double {
        // log2(significand) by repeated squaring, a bit at a time.
        var result = Double(exponent)
        var value = significand
        var bit = 0.5
        for _ in 0..<24 {
            value *= value
            if value >= 2 {
                value /= 2
                result += bit
            }
            bit /= 2
        }
        return result * 0.301_029_995_663_981_2
    }

    /// The lowest of 1, 2 and 5 times a power of ten that is no lower than the number; 1 if that is not positive.
    var roundedUpForAxis: Double {
        guard self > 0 else { return 1 }
        var power = 1.0
        while power > self {
            power /= 10
        }
        while power * 10 <= self {
            power *= 10
        }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= self * 0.999_999 } ?? power * 10
    }
}
