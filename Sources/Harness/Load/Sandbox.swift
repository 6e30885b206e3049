internal import AllocationHistory

/// What a runtime makes of a pod: a container on a node, whose interfaces get addresses.
struct Sandbox: Sendable {
    let container: String
    let node: SimulatedNode
    /// Namespace and name.
    let pod: String

    /// The attachment of an interface, by its position.
    func attachment(_ interface: Int) -> CallAttachment {
        CallAttachment(container: container, interface: interface == 0 ? "eth0" : "net\(interface)")
    }
}
