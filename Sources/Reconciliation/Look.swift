package import IPAM

/// What was seen to live at one look.
package enum Look: Sendable {
    /// Pods by their names; one that is missing does not exist.
    case pods([PodReference: PodState])
    /// The identifiers of the containers that a runtime knows, and until when what was made is certainly among them (RFC 3339).
    ///
    /// Meta-plugins keep what they attach besides elsewhere, so a container that is known by one interface has them all.
    case containers(Set<String>, madeBefore: String)

    /// Whether nothing was seen.
    var isEmpty: Bool {
        switch self {
        case .pods(let pods): pods.isEmpty
        case .containers(let containers, _): containers.isEmpty
        }
    }

    /// What was seen, for messages.
    var description: String {
        switch self {
        case .pods(let pods): "\(pods.count) pods"
        case .containers(let containers, _): "\(containers.count) containers"
        }
    }
}
