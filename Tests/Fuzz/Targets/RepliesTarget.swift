@testable import EtcdClient

/// Replies of etcd, of the kind that the first byte says.
enum RepliesTarget: FuzzTarget {
    static let name = "replies"

    static func read(_ input: Span<UInt8>) {
        guard !input.isEmpty else { return }
        let kinds: [any ProtobufDecodable.Type] = [
            AlarmResponse.self, AuthNamesResponse.self, AuthRoleGetResponse.self, AuthStatusResponse.self,
            AuthenticateResponse.self, DeleteRangeResponse.self, EmptyResponse.self, HashKVResponse.self,
            HeaderResponse.self, LeaseGrantResponse.self, LeaseKeepAliveMessage.self, LeaseLeasesResponse.self,
            LeaseTimeToLiveResponse.self, MemberAddResponse.self, MembersResponse.self, PutResponse.self,
            RangeResponse.self, SnapshotMessage.self, StatusResponse.self, TxnResponse.self, WatchMessage.self,
        ]
        _ = try? kinds[Int(input[0]) % kinds.count].init(payload: input.extracting(1..<input.count))
    }
}
