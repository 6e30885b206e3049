import Glibc

@testable import EtcdClient

/// libFuzzer's loop (LLVM, "Using libFuzzer as a library").
@_extern(c, "LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Decodes any bytes as a reply, of the kind that the first one says: they may be refused, and must not crash, hang or touch
/// memory that is not their own.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe UnsafeBufferPointer(start: start, count: count)
    guard let first = unsafe input.first else { return 0 }
    let payload = unsafe UnsafeBufferPointer(rebasing: input.dropFirst())
    unsafe try? decode(payload.span, as: Int(first))
    return 0
}

func decode(_ payload: Span<UInt8>, as kind: Int) throws(MalformedReply) {
    let kinds: [any ProtobufDecodable.Type] = [
        AlarmResponse.self, AuthNamesResponse.self, AuthRoleGetResponse.self, AuthStatusResponse.self,
        AuthenticateResponse.self, DeleteRangeResponse.self, EmptyResponse.self, HashKVResponse.self,
        HeaderResponse.self, LeaseGrantResponse.self, LeaseKeepAliveMessage.self, LeaseLeasesResponse.self,
        LeaseTimeToLiveResponse.self, MemberAddResponse.self, MembersResponse.self, PutResponse.self,
        RangeResponse.self, SnapshotMessage.self, StatusResponse.self, TxnResponse.self, WatchMessage.self,
    ]
    _ = try kinds[kind % kinds.count].init(payload: payload)
}

// SwiftPM gives the program a main of its own, where libFuzzer's would be.
var count = CommandLine.argc
var arguments = unsafe CommandLine.unsafeArgv
exit(unsafe runFuzzer(&count, &arguments, testOneInput))
