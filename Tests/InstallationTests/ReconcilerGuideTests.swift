import EtcdLab
import Foundation
import KubernetesLab
import TestSupport
import Testing

/// The commands of docs/reconciler.md.
@Suite(.timeLimit(.minutes(5))) struct ReconcilerGuideTests {
    private static let canMakeTokens =
        (try? RunningProcess("/usr/bin/env", ["kubectl", "create", "token", "--help"]).wait().status) == 0

    @Test(.enabled(if: canMakeTokens, "kubectl before 1.24 makes no tokens"))
    func theKubeconfigIsTheReconcilersAlone() throws {
        let block = try #require(
            Guide("docs/reconciler.md").blocks("sh").first { $0.contains("kubectl create token") }
        )
        let server = try SharedAPIServer.started()
        try server.kubectl("apply", "--filename", "-", input: Manifest.text("rbac/ip-reconciler.yaml", .cncf))
        let scratch = try ScratchDirectory("kubeconfig")
        let made = try RunningProcess(
            "/bin/sh",
            ["-euc", "cd '\(scratch.url.path)'\n" + block],
            environment: [
                "HOME": scratch.url.path, "KUBECONFIG": server.kubeconfig(namespace: "default"),
                "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
            ]
        ).wait()
        #expect(made.status == 0, "\(made)")
        let file = scratch.path("ip-reconciler.kubeconfig")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.contains(server.url) && !text.contains(APIServer.adminToken), "\(text)")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let flatFile = scratch.path("whereabouts.conf")
        try Data(#"{"datastore": "kubernetes", "kubernetes": {"kubeconfig": "\#(file)"}}"#.utf8)
            .write(to: URL(fileURLWithPath: flatFile))
        let outcome = try RunningProcess(
            Checkout.root.appendingPathComponent(".build/debug/ip-reconciler").path,
            ["--config", flatFile, "--kubeconfig", file]
        ).wait()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.contains(#"in namespace "kube-system""#), "\(outcome)")
        // A grant that its manifest does not make.
        let denied = try RunningProcess(
            "/usr/bin/env",
            ["kubectl", "--kubeconfig", file, "get", "secrets"],
            environment: ["HOME": scratch.url.path, "PATH": "/usr/bin:/bin"]
        ).wait()
        #expect(denied.status != 0 && denied.errors.contains("serviceaccount:kube-system:ip-reconciler"), "\(denied)")
    }
}
