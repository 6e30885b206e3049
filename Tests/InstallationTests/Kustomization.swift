import EtcdLab
import Foundation
import KubernetesLab

/// A folder of deploy/ that kustomize builds.
struct Kustomization {
    /// The folder's path below deploy/.
    let folder: String

    private static let deploy = Checkout.root.appendingPathComponent("deploy").path

    /// All that can be built by themselves, in order: components can't.
    static func all() throws -> [Kustomization] {
        try RunningProcess.run("find", deploy, "-name", "kustomization.yaml", "-printf", "%P\n")
            .split(separator: "\n").map { String($0.dropLast("/kustomization.yaml".count)) }.sorted()
            .filter { !$0.hasPrefix("components/") }.map { Kustomization(folder: $0) }
    }

    /// Whether kubectl has a kustomize that is new enough.
    static let canBeBuilt: Bool = {
        guard
            let text = try? RunningProcess.run("kubectl", "version", "--client", "--output", "json"),
            let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            let version = object["clientVersion"] as? [String: Any],
            let minor = (version["minor"] as? String).flatMap({ Int($0.prefix { $0.isNumber }) })
        else { return true }
        return minor >= 21
    }()

    /// The manifests that it comes to.
    func build() throws -> String {
        try RunningProcess.run("kubectl", "kustomize", "\(Self.deploy)/\(folder)")
    }

    /// The manifests as a server takes them that may be too old for what they are of: before 1.21 there are twins of these kinds in v1beta1.
    func build(for server: APIServer) throws -> String {
        let text = try build()
        guard try !server.kubectl("api-versions").split(separator: "\n").contains("policy/v1") else { return text }
        return text.replacing("apiVersion: policy/v1\n", with: "apiVersion: policy/v1beta1\n")
            .replacing("apiVersion: batch/v1\nkind: CronJob\n", with: "apiVersion: batch/v1beta1\nkind: CronJob\n")
    }

    /// The definitions of others' resources that the examples are of, as far as they matter here: Multus and the operators ship the real ones.
    static let foreignDefinitions = [
        ("k8s.cni.cncf.io", "v1", "network-attachment-definition", "NetworkAttachmentDefinition"),
        ("etcd.database.coreos.com", "v1beta2", "etcdcluster", "EtcdCluster"),
        ("operator.etcd.io", "v1alpha1", "etcdcluster", "EtcdCluster"),
    ].map { group, version, name, kind in
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: \(name)s.\(group)
        spec:
          group: \(group)
          scope: Namespaced
          names:
            plural: \(name)s
            singular: \(name)
            kind: \(kind)
          versions:
            - name: \(version)
              served: true
              storage: true
              schema:
                openAPIV3Schema:
                  type: object
                  x-kubernetes-preserve-unknown-fields: true

        """
    }.joined(separator: "---\n")
}
