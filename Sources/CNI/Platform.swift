/// What the plugin was built for, in Go's words, as users of other plugins know it.
enum Platform {
    #if os(Linux)
        private static let system = "linux"
    #else
        private static let system = "unknown"
    #endif

    #if arch(x86_64)
        private static let architecture = "amd64"
    #elseif arch(arm64)
        private static let architecture = "arm64"
    #else
        private static let architecture = "unknown"
    #endif

    /// The pair: `linux/amd64`.
    static let name = "\(system)/\(architecture)"
}
