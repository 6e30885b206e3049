/// Where the instructions of a program went, as callgrind has counted them.
///
/// The format is described in valgrind's manual, "Callgrind Format Specification".
struct CallgrindProfile {
    /// The instructions of each function itself, without those of what it calls.
    private(set) var costs: [String: Int] = [:]

    /// All instructions.
    var total: Int { costs.values.reduce(0, +) }

    /// Reads what callgrind has written, with names as the linker knows them and one cost, instructions.
    init(_ text: String) {
        var names: [Substring: Substring] = [:]
        var function: Substring = ""
        var isOfCallee = false
        for line in text.split(separator: "\n") {
            if let name = line.value(of: "fn=") {
                function = Self.name(name, &names)
            } else if let name = line.value(of: "cfn=") {
                _ = Self.name(name, &names)
            } else if line.hasPrefix("calls=") {
                isOfCallee = true
            } else if let first = line.first, first.isNumber || "+-*".contains(first) {
                // The position, or its distance from the last one, and the cost.
                let cost = line.split(separator: " ").last.flatMap { Int($0) }
                if !isOfCallee, let cost { costs[String(function), default: 0] += cost }
                isOfCallee = false
            }
        }
    }

    /// A name stands behind its number where it comes up first, and its number alone stands for it from then on.
    private static func name(_ text: Substring, _ names: inout [Substring: Substring]) -> Substring {
        guard text.first == "(", let end = text.firstIndex(of: ")") else { return text }
        let number = text[...end]
        let name = text[text.index(after: end)...].drop { $0 == " " }
        guard name.isEmpty else {
            // Behind an apostrophe stands the depth of a recursion.
            let plain = name.split(separator: "'").first ?? name
            names[number] = plain
            return plain
        }
        return names[number] ?? ""
    }
}

extension Substring {
    /// What stands behind a prefix; nil when it is not there.
    fileprivate func value(of prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
