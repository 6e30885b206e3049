internal import EtcdLab
internal import Foundation

/// A page of the documentation, whose commands tests run.
public struct Guide {
    /// All that it says.
    public let text: String

    /// Reads a file of the checkout.
    public init(_ path: String) throws {
        text = try String(contentsOf: Checkout.root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The blocks of code in a language, from a place of the text on.
    public func blocks(_ language: String, behind mark: String = "") -> [String] {
        let rest = mark.isEmpty ? text[...] : text.range(of: mark).map { text[$0.upperBound...] } ?? ""
        return rest.components(separatedBy: "```\(language)\n").dropFirst()
            .compactMap { $0.components(separatedBy: "\n```").first }
    }
}
