import EtcdLab
import Foundation
import KubernetesLab
import Testing

/// What the accounts of an overlay may do, all of it, as the API server reckons it.
@Suite(
    .timeLimit(.minutes(5)),
    .enabled(if: Kustomization.canBeBuilt, "the kustomize of kubectl before 1.21 knows no directories as resources")
)
struct RightsTests {
    private static let own = "whereabouts.cni.cncf.io"
    private static let loop: Set<String> = [
        "get pods.", "list pods.", "watch pods.", "create events.",
        "list network-attachment-definitions.k8s.cni.cncf.io",
    ]
    private static let reconciler: Set<String> = ["get pods.", "list pods.", "list nodes."]

    /// Looks for some seconds: what was applied is not reckoned with at once.
    private func expect(
        _ expected: Set<String>,
        of account: String,
        in namespace: String,
        on server: APIServer,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        var found = try AccountRights.granted(to: account, in: namespace, on: server)
        while found != expected, ContinuousClock.now < deadline {
            Thread.sleep(forTimeInterval: 0.2)
            found = try AccountRights.granted(to: account, in: namespace, on: server)
        }
        #expect(found == expected, "\(account) in \(namespace)", sourceLocation: sourceLocation)
    }

    @Test(arguments: ["overlays/etcd", "overlays/etcd-secure", "examples/reconciler-deployment"])
    func withEtcdNobodyHasRightsInANamespace(folder: String) throws {
        let server = try APIServer()
        try server.kubectl("apply", "--filename", "-", input: Kustomization(folder: folder).build(for: server))
        for namespace in ["kube-system", "default"] {
            try expect(Self.loop, of: "whereabouts", in: namespace, on: server)
            try expect(Self.reconciler, of: "ip-reconciler", in: namespace, on: server)
        }
    }

    @Test func withKubernetesTheyHaveThoseOfTheirPrograms() throws {
        let server = try APIServer()
        let text = try Kustomization(folder: "overlays/kubernetes").build(for: server)
        try server.kubectl("apply", "--filename", "-", input: text)
        let own = Self.own
        try expect(
            Self.loop.union([
                "get ippools.\(own)", "list ippools.\(own)", "create ippools.\(own)", "patch ippools.\(own)",
                "get overlappingrangeipreservations.\(own)", "list overlappingrangeipreservations.\(own)",
                "create overlappingrangeipreservations.\(own)", "delete overlappingrangeipreservations.\(own)",
                "get nodeslicepools.\(own)",
            ]),
            of: "whereabouts",
            in: "kube-system",
            on: server
        )
        let lease = "leases.coordination.k8s.io"
        try expect(
            Self.reconciler.union([
                "get ippools.\(own)", "list ippools.\(own)", "patch ippools.\(own)",
                "get overlappingrangeipreservations.\(own)", "list overlappingrangeipreservations.\(own)",
                "delete overlappingrangeipreservations.\(own)", "get configmaps.", "list configmaps.",
                "create configmaps.", "update configmaps.", "delete configmaps.",
                "get \(lease)/whereabouts-ip-reconciler", "update \(lease)/whereabouts-ip-reconciler",
                "create \(lease)",
            ]),
            of: "ip-reconciler",
            in: "kube-system",
            on: server
        )
        try expect(Self.loop, of: "whereabouts", in: "default", on: server)
        try expect(Self.reconciler, of: "ip-reconciler", in: "default", on: server)
    }
}
