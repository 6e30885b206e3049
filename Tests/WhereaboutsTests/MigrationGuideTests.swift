import EtcdLab
import Foundation
import TestSupport
import Testing

/// docs/migrating.md names a test for each statement.
@Suite struct MigrationGuideTests {
    @Test func everyRowNamesTestsThatExist() throws {
        let guide = try Guide("docs/migrating.md").text
        let tests = try Self.tests()
        let rows = guide.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasSuffix("| test |") }
        #expect(rows.count > 50)
        for row in rows {
            let last = try #require(row.split(separator: "|").last { $0.contains(/\S/) })
            let names = last.matches(of: /`(\w+)`/).map { String($0.1) }
            #expect(!names.isEmpty, "\(row)")
            for name in names {
                #expect(tests.contains(name), "there is no test \(name)")
            }
        }
    }

    /// The names of all test functions of this checkout.
    private static func tests() throws -> Set<String> {
        let directory = Checkout.root.appendingPathComponent("Tests")
        let paths = FileManager.default.enumerator(atPath: directory.path)?.compactMap { $0 as? String } ?? []
        var names: Set<String> = []
        for path in paths where path.hasSuffix("Tests.swift") || path.hasSuffix("TestsSerial.swift") {
            let source = try String(contentsOf: directory.appendingPathComponent(path), encoding: .utf8)
            // The attribute may stand on a line of its own, its arguments between.
            for declaration in source.components(separatedBy: "@Test").dropFirst() {
                guard let match = declaration.firstMatch(of: /func (\w+)\(/) else { continue }
                names.insert(String(match.1))
            }
        }
        return names
    }
}
