import Glibc

/// Flat files, for a network configuration that stands before them with a zero byte between; a plain one where none does.
enum FlatFileTarget: FuzzTarget {
    static let name = "flatfile"

    private static let file = unsafe fileno(tmpfile())
    private static let network = #"{"cniVersion":"1.0.0","name":"lab","type":"bridge","ipam":{"type":"whereabouts"}}"#

    static func read(_ input: Span<UInt8>) {
        let parts = bytes(input).split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        // Foundation leaks the memory into which it reads an empty file.
        guard parts.last?.isEmpty == false else { return }
        let network = parts.count > 1 ? parts[0] : Array(network.utf8)
        PlantedPassword.check(Self.self, parts.last ?? []) { flatFile in
            _ = ftruncate(file, 0)
            let written = unsafe pwrite(file, flatFile, flatFile.count, 0)
            expect(written == flatFile.count, "the file can't be written")
            return ConfigurationTarget.load(network, flatFilePaths: ["/dev/fd/\(file)"])
        }
    }
}
