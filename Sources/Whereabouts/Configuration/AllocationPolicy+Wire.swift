internal import IPAM

extension AllocationPolicy {
    /// Reads how addresses are chosen.
    init(_ wire: WireConfiguration) throws(ConfigurationError) {
        var strategy = Strategy.lowest
        if let name = wire.allocationStrategy {
            guard let named = Strategy(rawValue: name.lowercased()) else {
                throw ConfigurationError(
                    key: "allocation_strategy",
                    value: name,
                    reason: "must be \(Strategy.allCases.map(\.rawValue).joined(separator: " or "))"
                )
            }
            strategy = named
        }
        self.init(
            strategy: strategy,
            reuseDelay: try Self.seconds("reuse_delay", wire.reuseDelay),
            retention: try Self.seconds("retain", wire.retain),
            raceDelay: try Self.raceDelay(wire)
        )
    }

    private static func raceDelay(_ wire: WireConfiguration) throws(ConfigurationError) -> Duration {
        let seconds = wire.sleepForRace ?? 0
        guard 0...60 ~= seconds else {
            throw ConfigurationError(
                key: "sleep_for_race",
                value: "\(seconds)",
                reason: "must be 0 to 60 seconds; it is for tests, leave it out"
            )
        }
        return .seconds(seconds)
    }

    private static func seconds(_ key: String, _ value: Int64?) throws(ConfigurationError) -> Int64 {
        let seconds = value ?? 0
        guard 0...longestWait ~= seconds else {
            throw ConfigurationError(key: key, value: "\(seconds)", reason: "must be 0 to \(longestWait) seconds")
        }
        return seconds
    }
}
