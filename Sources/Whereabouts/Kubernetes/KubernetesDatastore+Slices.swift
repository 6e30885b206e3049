internal import EtcdClient
internal import IPAM
internal import IPTypes
internal import KubernetesClient

/// Ranges that a controller has divided among the nodes (docs/design/slices.md).
extension KubernetesDatastore {
    /// Demands with the node's slices in place of what is divided; each slice has a pool object of its own.
    ///
    /// - Parameters:
    ///   - demands: The demands as they are configured.
    ///   - isRelease: Whether it is about what the node may have given out, and not what it may give out: then slices that are being taken
    ///     from it count, whatever the range excludes, and so does what was given out before the range was divided.
    ///   - deadline: When to end in any case.
    /// - Returns: The demands; where nothing is divided they are as they were, and nothing was read.
    /// - Throws: `.sliceMissing`, `.addressOutsideSlices`, `.undecodable`, `.kubernetes`.
    func divided(
        _ demands: [AllocationRequest.Demand],
        isRelease: Bool = false,
        deadline: Deadline
    ) throws(DatastoreError) -> [AllocationRequest.Demand] {
        guard demands.contains(where: { $0.choices.contains { $0.sliceLength != nil } }) else { return demands }
        var found: [String: NodeSlicePoolObject?] = [:]
        var divided: [AllocationRequest.Demand] = []
        for demand in demands {
            var choices: [AllocationRequest.Demand] = []
            var missing: DatastoreError?
            for choice in demand.choices {
                let parts =
                    isRelease
                    ? try releaseParts(of: choice, &found, deadline: deadline)
                    : try parts(of: choice, &found, deadline: deadline)
                choices += parts
                if parts.isEmpty, missing == nil {
                    missing = try sliceMissing(of: choice, found)
                }
            }
            if let requested = demand.requested, !isRelease, !choices.isEmpty {
                guard let part = choices.first(where: { $0.pool.allocatable.contains(requested) }) else {
                    let slices = choices.compactMap(\.pool.slice)
                    throw .addressOutsideSlices(requested, demand.domain, node: node, slices: slices)
                }
                choices = [part]
            }
            guard let first = choices.first else {
                guard let missing, !isRelease else { continue }
                throw missing
            }
            divided.append(
                AllocationRequest.Demand(
                    domain: first.domain,
                    pool: first.pool,
                    fallbacks: Array(choices.dropFirst()),
                    requested: demand.requested
                )
            )
        }
        return divided
    }

    /// The parts of one choice that are the node's: all of it where it is not divided.
    private func parts(
        of choice: AllocationRequest.Demand,
        _ found: inout [String: NodeSlicePoolObject?],
        deadline: Deadline
    ) throws(DatastoreError) -> [AllocationRequest.Demand] {
        guard choice.sliceLength != nil else {
            return [
                AllocationRequest.Demand(domain: choice.domain, pool: choice.pool, requested: choice.requested)
            ]
        }
        let slices = try slicePool(of: choice, &found, deadline: deadline)?.slices(of: node) ?? []
        return choice.parts(slices)
    }

    /// The parts of one choice out of which the node may have given addresses.
    private func releaseParts(
        of choice: AllocationRequest.Demand,
        _ found: inout [String: NodeSlicePoolObject?],
        deadline: Deadline
    ) throws(DatastoreError) -> [AllocationRequest.Demand] {
        let whole = AllocationRequest.Demand(domain: choice.domain, pool: choice.pool, requested: choice.requested)
        guard choice.sliceLength != nil else { return [whole] }
        let slices =
            try slicePool(of: choice, &found, deadline: deadline)?.slices(of: node, withRetired: true) ?? []
        let all = AddressPool(range: choice.pool.range, excluding: IPRangeSet([]))
        return AllocationRequest.Demand(domain: choice.domain, pool: all).parts(slices) + [whole]
    }

    /// The NodeSlicePool of a range: the network's, or where that is another range's the one that names the range too.
    private func slicePool(
        of choice: AllocationRequest.Demand,
        _ found: inout [String: NodeSlicePoolObject?],
        deadline: Deadline
    ) throws(DatastoreError) -> NodeSlicePoolObject? {
        let name = slicePoolName(choice.domain.networkName)
        let range = choice.pool.range
        for name in [name, try ObjectNames.pool(range, networkName: name)] {
            let object: NodeSlicePoolObject?
            if let known = found[name] {
                object = known
            } else {
                object = try slicePool(name, deadline: deadline)
                found[name] = object
            }
            if let object, object.range == range { return object }
        }
        return nil
    }

    /// The error that a node has no slice; it names the NodeSlicePool that is the range's, or is to be.
    private func sliceMissing(
        of demand: AllocationRequest.Demand,
        _ found: [String: NodeSlicePoolObject?]
    ) throws(DatastoreError) -> DatastoreError {
        let name = slicePoolName(demand.domain.networkName)
        let range = demand.pool.range
        let isOthers = found[name].flatMap { $0 }.map { $0.range != range } ?? false
        let pool = isOthers ? try ObjectNames.pool(range, networkName: name) : name
        return .sliceMissing(demand.pool, demand.domain, node: node, pool: pool)
    }

    private func slicePool(_ name: String, deadline: Deadline) throws(DatastoreError) -> NodeSlicePoolObject? {
        guard case .object(let object) = try send(.get, slicePools, name: name, deadline: deadline) else { return nil }
        return try NodeSlicePoolObject(object, name: name)
    }

    /// What a network's NodeSlicePool is called, as upstream calls it.
    private func slicePoolName(_ networkName: String) -> String {
        networkName.isEmpty ? network : networkName
    }

    /// Expects that a slice is still the node's once a pool object was made for it.
    ///
    /// The controller takes a slice away before it deletes the slice's pool object, so that an object which is made behind that is seen here.
    func expectSlice(of demand: AllocationRequest.Demand, deadline: Deadline) throws(DatastoreError) {
        guard let slice = demand.pool.slice else { return }
        var found: [String: NodeSlicePoolObject?] = [:]
        guard try slicePool(of: demand, &found, deadline: deadline)?.slices(of: node).contains(slice) ?? false else {
            throw try sliceMissing(of: demand, found)
        }
    }
}
