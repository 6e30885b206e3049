/// A part of the program that reads what others write, for libFuzzer to feed with anything.
protocol FuzzTarget: SendableMetatype {
    /// The name by which script/fuzz calls it, and that of the folder with its first inputs.
    static var name: String { get }

    /// Reads an input, which may be refused, and must not crash, hang, or break what the target promises.
    static func read(_ input: Span<UInt8>)
}

extension FuzzTarget {
    /// Ends the process, which libFuzzer takes for a find, unless a promise is kept.
    static func expect(_ isKept: Bool, _ promise: @autoclosure () -> String) {
        guard !isKept else { return }
        fatalError("\(name): \(promise())")
    }

    /// The input as an array.
    static func bytes(_ input: Span<UInt8>) -> [UInt8] {
        input.indices.map { input[$0] }
    }

    /// The input as text, with what is no UTF-8 replaced.
    static func text(_ input: Span<UInt8>) -> String {
        String(decoding: bytes(input), as: UTF8.self)
    }
}
