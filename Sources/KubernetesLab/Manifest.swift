internal import EtcdLab
internal import Foundation

/// The manifests that this project ships.
public enum Manifest {
    /// The API groups that there are manifests for.
    public enum Group: Sendable {
        /// whereabouts.cni.cncf.io, that of upstream's objects.
        case cncf
        /// whereabouts.cni.k8s.io.
        case k8s

        fileprivate var folder: String {
            switch self {
            case .cncf: "deploy"
            case .k8s: "deploy/k8s.io"
            }
        }
    }

    /// The text of a manifest of a group.
    public static func text(_ name: String, _ group: Group = .cncf) throws -> String {
        try String(contentsOf: Checkout.root.appendingPathComponent("\(group.folder)/\(name)"), encoding: .utf8)
    }

    /// The resource definitions of a group.
    public static func definitions(_ group: Group = .cncf) throws -> String {
        try ["ippools", "overlappingrangeipreservations", "nodeslicepools"].map { try text("crds/\($0).yaml", group) }
            .joined(separator: "---\n")
    }

    /// The resource definitions of another group than the shipped ones, with changes.
    public static func definitions(group: String, changing: (String) -> String) throws -> String {
        changing(try definitions()).replacing("whereabouts.cni.cncf.io", with: group)
    }
}
