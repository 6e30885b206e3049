/// The gRPC status codes that mean something of their own to a client of etcd (gRPC core documentation, "statuscodes").
enum GRPCStatus: Int32 {
    case ok = 0
    case invalidArgument = 3
    case deadlineExceeded = 4
    case permissionDenied = 7
    case resourceExhausted = 8
    /// The server knows no such method (UNIMPLEMENTED).
    case unknownMethod = 12
    case unavailable = 14
    case unauthenticated = 16
}
