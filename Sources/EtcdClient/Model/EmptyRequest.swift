/// A request without fields, for any call whose message has none.
struct EmptyRequest: ProtobufEncodable {
    func encoded() -> [UInt8] { [] }
}
