import EtcdLab
import Foundation
import TestSupport

/// docs/configuration.md, taken apart.
struct ConfigurationReference {
    /// What the document says of one key.
    struct Entry: CustomStringConvertible, Sendable {
        let key: String
        /// The words behind `Type:`.
        var type = ""
        /// The value behind `Default:`, when it is one in JSON.
        var defaultValue: String?
        /// The lines that explain it.
        var prose = ""
        /// The blocks of JSON.
        var examples: [String] = []
        /// Members of `ipam`, and the error that they give.
        var errors: [(members: String, message: String)] = []

        var description: String { key }
    }

    /// The keys that have a heading, in order.
    private(set) var entries: [Entry] = []
    /// The blocks of JSON that stand before the first key.
    private(set) var files: [String] = []

    static let path = Checkout.root.appendingPathComponent("docs/configuration.md")

    /// The document of this checkout.
    static let current = try? ConfigurationReference(String(contentsOf: path, encoding: .utf8))

    /// Takes a text apart.
    init(_ text: String) {
        var block: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let lines = block {
                if line == "```" {
                    add(example: lines.joined(separator: "\n"))
                    block = nil
                } else {
                    block = lines + [line]
                }
            } else if line == "```json" {
                block = []
            } else if let match = line.wholeMatch(of: /### `(.+)`/) {
                entries.append(Entry(key: String(match.1)))
            } else if let match = line.wholeMatch(of: /Type: (.+?)\. Default: (.+)\./) {
                edit { $0.type = String(match.1) }
                let value = match.2.wholeMatch(of: /`([^`]+)`/).map { String($0.1) }
                edit { $0.defaultValue = value }
            } else if let match = line.wholeMatch(of: /- `([^`]+)` → `([^`]+)`/) {
                edit { $0.errors.append((String(match.1), String(match.2))) }
            } else {
                edit { $0.prose += "\(line)\n" }
            }
        }
    }

    private mutating func add(example: String) {
        guard entries.isEmpty else { return edit { $0.examples.append(example) } }
        files.append(example)
    }

    private mutating func edit(_ change: (inout Entry) -> Void) {
        guard !entries.isEmpty else { return }
        change(&entries[entries.count - 1])
    }
}
