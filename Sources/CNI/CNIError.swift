/// A failure as the container runtime gets to see it (CNI spec section 5, "Error").
public struct CNIError: Error, Hashable, Sendable {
    /// What class of failure it is, for programs.
    public var code: Code

    /// What happened, in one line.
    public var message: String

    /// What more there is to know, or empty.
    public var details: String

    /// Makes an error.
    public init(_ code: Code, _ message: String, details: String = "") {
        self.code = code
        self.message = message
        self.details = details
    }
}

extension CNIError {
    /// The number of an error.
    ///
    /// The specification owns 0 to 99; a plugin has its own from 100.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The number in the JSON object.
        public let rawValue: Int

        /// Makes the code of a number.
        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// The configuration's version of the specification does not do.
        public static let incompatibleVersion = Code(rawValue: 1)
        /// A field of the configuration is not supported; the message names it with its value.
        public static let unsupportedField = Code(rawValue: 2)
        /// The container does not exist; the runtime need not clean up.
        public static let unknownContainer = Code(rawValue: 3)
        /// A `CNI_` variable is missing or wrong; the message names it.
        public static let invalidEnvironment = Code(rawValue: 4)
        /// Reading or writing failed.
        public static let io = Code(rawValue: 5)
        /// Something is not the JSON that it should be.
        public static let decoding = Code(rawValue: 6)
        /// The configuration is JSON but not valid.
        public static let invalidConfiguration = Code(rawValue: 7)
        /// A passing condition; the runtime should call again.
        public static let tryAgainLater = Code(rawValue: 11)
        /// STATUS: ADD cannot be served.
        public static let unavailable = Code(rawValue: 50)
        /// STATUS: ADD cannot be served, and running containers may have limited connectivity.
        public static let unavailableLimitedConnectivity = Code(rawValue: 51)
    }
}

extension CNIError: CustomStringConvertible {
    /// Message, details and code in one line, for logs.
    public var description: String {
        message + (details.isEmpty ? "" : ": " + details) + " (CNI code \(code.rawValue))"
    }
}
