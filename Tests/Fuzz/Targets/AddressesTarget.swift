import Glibc
import IPTypes

/// Addresses, prefixes and interface addresses.
///
/// What is read is printed and read again; the C library is the judge of what an address is.
enum AddressesTarget: FuzzTarget {
    static let name = "addresses"

    static func read(_ input: Span<UInt8>) {
        let text = text(input)
        let strict = try? IPAddress(text)
        let lenient = try? IPAddress(text, syntax: .leadingZeros)
        if let lenient {
            check(lenient)
        }
        expect(strict == nil || strict == lenient, "\(text.debugDescription) is another address without tolerance")
        if !text.utf8.contains(0) {
            expect(strict == addressOfLibrary(text), "\(text.debugDescription) is \(strict?.description ?? "nothing")")
        }
        if let fixed = IPAddress(fixedWidthText: text) {
            expect(fixed.fixedWidthText == text, "\(text.debugDescription) in fixed width is \(fixed.fixedWidthText)")
        }
        for syntax in IPSyntax.allCases {
            let prefix = try? IPPrefix(text, syntax: syntax)
            let address = try? InterfaceAddress(text, syntax: syntax)
            expect(prefix == address?.prefix, "\(text.debugDescription) is in two networks")
            guard let prefix, let address else { continue }
            expect((try? IPPrefix(prefix.description)) == prefix, "\(prefix) reads as another prefix")
            expect((try? InterfaceAddress(address.description)) == address, "\(address) reads as another address")
            expect(prefix.contains(address.address), "\(address) is not in its network")
            expect(IPPrefix(containing: prefix.last, length: prefix.length) == prefix, "\(prefix) ends elsewhere")
            check(prefix.first)
            check(prefix.last)
        }
    }

    private static func check(_ address: IPAddress) {
        let text = address.description
        expect((try? IPAddress(text)) == address, "\(text) reads as another address")
        expect(IPAddress(fixedWidthText: address.fixedWidthText) == address, "\(address.fixedWidthText) is not \(text)")
        expect(address.next.map { $0.previous == address && $0 > address } ?? true, "\(text) has no neighbour")
    }

    /// What inet_pton(3) takes a text for.
    private static func addressOfLibrary(_ text: String) -> IPAddress? {
        var four = in_addr()
        var six = in6_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            return IPAddress(v4: UInt32(bigEndian: four.s_addr))
        }
        if unsafe inet_pton(AF_INET6, text, &six) == 1 {
            let value = unsafe withUnsafeBytes(of: six) { unsafe $0.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
            return IPAddress(v6: value)
        }
        return nil
    }
}
