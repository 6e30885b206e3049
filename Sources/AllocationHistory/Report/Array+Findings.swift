extension [Finding] {
    /// The findings of each rule that is broken, in the rules' order.
    var byRule: [(rule: Rule, findings: [Finding])] {
        let groups = Dictionary(grouping: self, by: \.rule)
        return Rule.allCases.compactMap { rule in groups[rule].map { (rule, $0) } }
    }

    /// The findings for a terminal: of each rule the count, and below it the first few and how many more there are.
    package func lines(perRule limit: Int) -> [String] {
        byRule.flatMap { rule, findings in
            ["\(rule.rawValue): \(findings.count.counting("violation"))"]
                + findings.prefix(limit).map { "  \($0.description.printable)" }
                + (findings.count > limit ? ["  and \(findings.count - limit) more"] : [])
        }
    }
}
