internal import EtcdLab
internal import Foundation
internal import IPAM
internal import IPTypes
internal import KubernetesClient
internal import KubernetesLab
internal import TestSupport
internal import Testing

@testable internal import Whereabouts

/// A test in a namespace of its own, which makes and reads objects as the administrator and calls the datastore as the plugin.
protocol InPluginNamespace {
    var server: APIServer { get }
    var namespace: String { get }
    var kubeconfig: String { get }
}

extension InPluginNamespace {
    var store: Store { Store(kubeconfig: kubeconfig) }

    /// The datastore by a client of its own, which takes a reservation for left over after so many seconds.
    func datastore(_ demands: AllocationRequest.Demand..., claimTimeout: Int64 = 300) throws -> KubernetesDatastore {
        var datastore = KubernetesDatastore(try KubernetesClient(.kubeconfig(path: kubeconfig)), demands: demands)
        datastore.claimTimeout = claimTimeout
        return datastore
    }

    /// A kubeconfig that leads through a front; the user has the plugin's service account unless it is given.
    func kubeconfig(by front: HTTPFront, user: String? = nil) throws -> String {
        let cluster = #""server": "https://127.0.0.1:\#(front.port)", "certificate-authority": "\#(TLSFixture.ca)""#
        let user = try user ?? #""token": "\#(server.serviceAccountToken("whereabouts", namespace: namespace))""#
        return try server.kubeconfig(user, cluster: cluster, namespace: namespace)
    }

    /// A pool object.
    func object(_ name: String = "10.0.0.0-24", group: String = "whereabouts.cni.cncf.io") throws -> [String: Any] {
        let text = try server.kubectl("get", "ippools.\(group)", name, "--namespace", namespace, "--output", "json")
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// The entries of a pool object.
    func pool(
        _ name: String = "10.0.0.0-24",
        group: String = "whereabouts.cni.cncf.io"
    ) throws -> [String: [String: String]] {
        let spec = try object(name, group: group)["spec"] as? [String: Any]
        return try #require(spec?["allocations"] as? [String: [String: String]])
    }

    /// What the reservations say, by the objects' names.
    func reservationOwners() throws -> [String: [String: String]] {
        let text = try server.kubectl(
            "get",
            "overlappingrangeipreservations.whereabouts.cni.cncf.io",
            "--namespace",
            namespace,
            "--output",
            "json"
        )
        let list = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        var owners: [String: [String: String]] = [:]
        for item in list?["items"] as? [[String: Any]] ?? [] {
            let name = (item["metadata"] as? [String: Any])?["name"] as? String
            owners[try #require(name)] = item["spec"] as? [String: String]
        }
        return owners
    }

    /// The pods of the reservations by the objects' names.
    func reservations() throws -> [String: String] {
        try reservationOwners().compactMapValues { $0["podref"] }
    }

    /// Makes objects.
    func create(_ manifest: String) throws {
        try server.kubectl("create", "--namespace", namespace, "--validate=false", "--filename", "-", input: manifest)
    }

    /// Makes a pool object with the entries of a JSON text.
    func createPool(of range: String = "10.0.0.0/24", _ allocations: String) throws {
        let name = range.replacing("/", with: "-").replacing(":", with: "-")
        try create(
            """
            {"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "IPPool", "metadata": {"name": "\(name)"},
             "spec": {"range": "\(range)", "allocations": {\(allocations)}}}
            """
        )
    }

    /// Makes a reservation; without a pool it is one that upstream makes.
    func createReservation(_ name: String, pod: String, container: String = "", pool: String = "") throws {
        try create(reservation(name, pod: pod, container: container, pool: pool))
    }

    /// The JSON text of a reservation.
    func reservation(_ name: String, pod: String, container: String = "", pool: String = "") -> String {
        let annotations = pool.isEmpty ? "" : #", "annotations": {"whereabouts.cni.cncf.io/pool": "\#(pool)"}"#
        let containerID = container.isEmpty ? "" : #", "containerid": "\#(container)""#
        return """
            {"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "OverlappingRangeIPReservation",
             "metadata": {"name": "\(name)"\(annotations)},
             "spec": {"podref": "\(pod)", "ifname": "eth0"\(containerID)}}
            """
    }
}
