/// Whose an address is: a pod's interface, which outlives its containers, else a container's interface.
struct Owner: Hashable, CustomStringConvertible {
    /// The pod, or the container where no pod is known.
    private let name: String
    private let isPod: Bool
    private let interface: String

    /// The owner that an ADD names.
    init(_ call: Call) {
        name = call.pod ?? call.attachment.container
        isPod = call.pod != nil
        interface = call.attachment.interface
    }

    /// The pod, or nil where the owner is a container.
    var pod: String? {
        isPod ? name : nil
    }

    /// The owner as the subject of a sentence.
    var description: String {
        (isPod ? "Pod " : "Container ") + "\(name), interface \(interface),"
    }
}
