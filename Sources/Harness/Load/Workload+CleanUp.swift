internal import AllocationHistory
internal import EtcdLab
internal import Foundation

extension Workload {
    /// Makes calls until no node has a pending release.
    func drain() async {
        for node in nodes {
            var tries = 0
            while tries < 100, hasPendingReleases(node) {
                for network in networks {
                    _ = await runner.call(PluginRunner.Order(verb: .status, node: node, network: network))
                }
                tries += 1
            }
            if hasPendingReleases(node) {
                recorder.noteTrouble("\(node.name) has pending releases that no call carries out: \(node.journal)")
            }
        }
    }

    private func hasPendingReleases(_ node: SimulatedNode) -> Bool {
        let names = try? FileManager.default.contentsOfDirectory(atPath: node.journal + "/pending")
        return !(names ?? []).isEmpty
    }

    /// Deletes every pod, and then has each node's garbage collected.
    func cleanUp(_ live: [Sandbox]) async {
        await withTaskGroup(of: Void.self) { group in
            for sandbox in live {
                group.addTask {
                    var random = SplitMix64(seed: plan.seed)
                    await delete(sandbox, &random, interrupting: false)
                }
            }
        }
        await drain()
        guard plan.configurationFile == nil else { return }
        for node in nodes {
            for network in networks {
                _ = await runner.call(PluginRunner.Order(verb: .collect, node: node, network: network, valid: []))
            }
        }
    }
}
