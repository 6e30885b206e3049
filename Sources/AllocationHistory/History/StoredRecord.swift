/// What the store said about one address.
public struct StoredRecord: Codable, Sendable, Hashable {
    /// The address.
    public let address: HistoryAddress
    /// The container and interface that the record names.
    public let attachment: CallAttachment
    /// The pod that the record names, as `namespace/name`.
    public let pod: String?
    /// The node that the record names.
    public let node: String
    /// Whether the address was released and waits for its owner to come back.
    public let isRetained: Bool

    /// Makes a record.
    public init(address: HistoryAddress, attachment: CallAttachment, pod: String?, node: String, isRetained: Bool) {
        self.address = address
        self.attachment = attachment
        self.pod = pod
        self.node = node
        self.isRetained = isRetained
    }
}
