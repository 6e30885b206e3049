import IPAM

@testable import Whereabouts

/// The configurations of random histories: small ranges that overlap those of other configurations, so that they fill up and meet.
enum HistoryPlans {
    static func all() throws -> [[AllocationRequest.Demand]] {
        try ["", "blue", "a/b %@:"].flatMap { network in
            try shared(network) + confined(network)
        }
    }

    private static func shared(_ network: String) throws -> [[AllocationRequest.Demand]] {
        func demand(_ range: String, exclude: [String] = [], gateway: String? = nil) throws -> AllocationRequest.Demand
        {
            try DatastoreFixture.demand(range, exclude: exclude, gateway: gateway, network: network)
        }
        return [
            [try demand("10.1.0.0/28")],
            [try demand("10.1.0.0/27", exclude: ["10.1.0.4/30"], gateway: "10.1.0.1"), try demand("fd00::/125")],
            [try demand("10.1.0.8/29")],
            [
                try demand(
                    "10.1.0.0/26",
                    exclude: ["10.1.0.3", "10.1.0.6-10.1.0.7", "10.1.0.12", "10.1.0.17", "10.1.0.33"]
                )
            ],
            [try group(demand("10.1.0.8/29"), demand("10.2.0.0/30"), demand("fd00::/125"))],
            [
                try group(demand("10.2.0.0/30"), demand("10.3.0.0/31")),
                try group(demand("fd00::8/126"), demand("fd00::/125")),
            ],
        ]
    }

    private static func confined(_ network: String) throws -> [[AllocationRequest.Demand]] {
        func demand(_ range: String) throws -> AllocationRequest.Demand {
            try DatastoreFixture.demand(range, network: network, confined: true)
        }
        return [
            [try demand("10.1.0.0/29"), try demand("10.2.0.0/29")],
            [try group(demand("10.1.0.0/29"), demand("10.1.0.8/29"))],
        ]
    }

    /// A demand that falls back to the others.
    static func group(_ choices: AllocationRequest.Demand...) -> AllocationRequest.Demand {
        AllocationRequest.Demand(
            domain: choices[0].domain,
            pool: choices[0].pool,
            fallbacks: Array(choices.dropFirst())
        )
    }
}
