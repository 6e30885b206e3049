public import CNI
public import IPAM
public import IPTypes

/// The configuration of one call, checked and complete; the only form that the rest of the program sees.
public struct IPAMConfiguration: Sendable {
    /// An address of the configuration that every pod gets beside those of the pools, unrecorded.
    public struct StaticAddress: Hashable, Sendable {
        /// The address.
        public let address: InterfaceAddress
        /// The gateway to go with it.
        public internal(set) var gateway: IPAddress?
    }

    /// The `name` of the CNI network configuration.
    public let network: String
    /// One demand for each configured range, in order.
    public let demands: [AllocationRequest.Demand]
    /// How addresses are chosen, and how long they wait.
    public let policy: AllocationPolicy
    /// The gateway of the pools of its family that have none of their own.
    public let gateway: IPAddress?
    /// Routes for the result.
    public let routes: [CNIResult.Route]
    /// DNS settings for the result.
    public let dns: CNIResult.DNS
    /// The addresses that every pod gets.
    public let staticAddresses: [StaticAddress]
    /// Where the allocations are kept.
    public let store: StoreConfiguration
    /// This node's name for the records.
    public let node: String
    /// How long an ADD may take.
    public let addTimeout: Duration
    /// How long a DEL may take.
    public let deleteTimeout: Duration
    /// Where releases are kept that the datastore has not seen; nil for nowhere.
    let releaseJournal: ReleaseJournal?
    /// Where the log goes.
    public let log: LogSettings
    /// What an operator may want to know about the configuration, for the log.
    public let notes: [String]
}
