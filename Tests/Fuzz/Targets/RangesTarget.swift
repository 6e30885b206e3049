import IPAM
import IPTypes

/// Ranges as users write them: the lines of an input are the range, its start, its end, what to include, what to exclude and the
/// gateways, lists with commas between.
enum RangesTarget: FuzzTarget {
    static let name = "ranges"

    static func read(_ input: Span<UInt8>) {
        var lines = text(input).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines += Array(repeating: "", count: max(0, 6 - lines.count))
        func list(_ line: String) -> [String] {
            line.split(separator: ",").map(String.init)
        }
        let specification = RangeSpecification(
            range: lines[0],
            rangeStart: lines[1].isEmpty ? nil : lines[1],
            rangeEnd: lines[2].isEmpty ? nil : lines[2],
            include: list(lines[3]),
            exclude: list(lines[4])
        )
        let gateways = list(lines[5]).compactMap { try? IPAddress($0) }
        for syntax in IPSyntax.allCases {
            do throws(RangeError) {
                let pool = try specification.pool(excludingGateways: gateways, boundsSyntax: syntax)
                check(pool, specification, gateways)
            } catch {
                let key = error.key.prefix { $0 != "[" }
                expect(
                    ["range", "range_start", "range_end", "include", "exclude"].contains(key),
                    "\(error) has no key"
                )
                expect(error.description.contains(error.value.debugDescription), "\(error) does not show the value")
            }
        }
    }

    private static func check(_ pool: AddressPool, _ specification: RangeSpecification, _ gateways: [IPAddress]) {
        let allocatable = pool.allocatable
        expect(!allocatable.isEmpty, "the pool of \(specification) is empty")
        expect(
            pool.range.contains(pool.bounds.first) && pool.range.contains(pool.bounds.last),
            "\(pool) leaves its range"
        )
        expect(pool.capacity <= pool.bounds.count, "\(pool) has more addresses than its bounds")
        for (range, next) in zip(allocatable.ranges, allocatable.ranges.dropFirst()) {
            expect(range.last.next.map { $0 < next.first } ?? false, "\(range) and \(next) are not apart")
        }
        for range in allocatable.ranges {
            expect(
                pool.bounds.contains(range.first) && pool.bounds.contains(range.last),
                "\(range) leaves \(pool.bounds)"
            )
        }
        for entry in specification.exclude {
            guard let range = range(entry) else { continue }
            expect(allocatable.intersection(range).isEmpty, "\(allocatable) has addresses of \(entry)")
        }
        let included = IPRangeSet(specification.include.compactMap(range))
        expect(
            specification.include.isEmpty || allocatable.subtracting(included).isEmpty,
            "\(allocatable) has more than \(included)"
        )
        expect(gateways.allSatisfy { !allocatable.contains($0) }, "\(allocatable) has a gateway of \(gateways)")

        let same = RangeSpecification(
            range: pool.range.description,
            rangeStart: pool.bounds.first.description,
            rangeEnd: pool.bounds.last.description,
            include: allocatable.ranges.map(\.description)
        )
        let again = try? same.pool(excludingGateways: [], boundsSyntax: .strict)
        expect(again?.allocatable == allocatable && again?.bounds == pool.bounds, "\(same) is not \(allocatable)")
        if let first = allocatable.first {
            expect(pool.interfaceAddress(first).prefix == pool.range, "\(first) is not of \(pool.range)")
        }
    }

    /// What an entry of a list stands for, read in another way than the specification does.
    private static func range(_ entry: String) -> IPRange? {
        if let prefix = try? IPPrefix(entry) { return prefix.range }
        let bounds = entry.split(separator: "-").compactMap { try? IPAddress($0) }
        return bounds.first.flatMap { first in bounds.last.flatMap { IPRange(first, $0) } }
    }
}
