internal import AllocationHistory
internal import EtcdLab

extension Workload {
    /// Has each node's garbage collected every few seconds, as its runtime does, until the task is canceled.
    ///
    /// Calls that have begun go on meanwhile.
    func collectGarbage() async {
        guard plan.collectsGarbage else { return }
        await withDiscardingTaskGroup { group in
            for (index, node) in nodes.enumerated() {
                group.addTask {
                    var random = SplitMix64(seed: plan.seed &+ UInt64(index) &* 0x2545_f491)
                    while !Task.isCancelled {
                        try? await Task.sleep(for: .milliseconds(.random(in: 1000..<5000, using: &random)))
                        guard !Task.isCancelled, let network = networks.randomElement(using: &random) else { return }
                        await collect(node, network, &random)
                    }
                }
            }
        }
    }

    private func collect(_ node: SimulatedNode, _ network: SimulatedNetwork, _ random: inout SplitMix64) async {
        var order = PluginRunner.Order(verb: .collect, node: node, network: network)
        let known = node.beginCollection()
        defer { node.endCollection() }
        order.valid = known.sorted { ($0.container, $0.interface) < ($1.container, $1.interface) }
        order.interruption = interruption(&random)
        _ = await runner.call(order)
    }
}
