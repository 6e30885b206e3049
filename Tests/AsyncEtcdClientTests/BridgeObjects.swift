@testable import EtcdClient

/// What exists of the bridge in this process.
enum BridgeObjects {
    /// The number of its objects.
    static var liveCount: Int64 {
        GRPCClient.liveObjectCount
    }
}
