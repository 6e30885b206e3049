extension CNIResult {
    /// The name service for the container, passed through from the configuration.
    public struct DNS: Hashable, Sendable {
        /// Addresses of name servers, in order of priority.
        public var nameservers: [String]

        /// The local domain for short names, or empty.
        public var domain: String

        /// Domains to search for short names, in order of priority.
        public var search: [String]

        /// Options for the resolver.
        public var options: [String]

        /// Makes the settings; none by default.
        public init(nameservers: [String] = [], domain: String = "", search: [String] = [], options: [String] = []) {
            self.nameservers = nameservers
            self.domain = domain
            self.search = search
            self.options = options
        }
    }
}
