package import EtcdClient
internal import IPAM
internal import JSON
package import KubernetesClient
package import Whereabouts

/// The pods of an API server.
///
/// Lists are read with quorum, in pages, and of each pod the metadata alone, which the server sends by phase.
package struct PodSource: LifeSource {
    /// How many pods are looked up one by one rather than by a list.
    private static let singleLimit = 50
    private static let pods = APIResource(group: "", version: "v1", plural: "pods")
    private static let completed = "status.phase!=Pending,status.phase!=Running,status.phase!=Unknown"
    private static let others = "status.phase!=Succeeded,status.phase!=Failed"

    private let client: KubernetesClient
    private let readsInterfaces: Bool

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - client: The API server.
    ///   - readsInterfaces: Whether it matters what Multus has noted of pods.
    package init(_ client: KubernetesClient, readsInterfaces: Bool) {
        self.client = client
        self.readsInterfaces = readsInterfaces
    }

    package func look(
        at allocations: [StoredAllocation]?,
        deadline: Deadline
    ) throws(ReconciliationError) -> Look {
        do throws(KubernetesError) {
            if let allocations {
                let references = Set(allocations.compactMap(\.owner.pod))
                if references.count <= Self.singleLimit { return .pods(try pods(references, deadline: deadline)) }
            }
            var found: [PodReference: PodState] = [:]
            // What has ended does not begin again; of a name in both lists the other one is the pod's successor.
            try list(Self.completed, isCompleted: true, &found, deadline: deadline)
            try list(Self.others, isCompleted: false, &found, deadline: deadline)
            return .pods(found)
        } catch {
            throw .kubernetes(error)
        }
    }

    package func checkReach(deadline: Deadline) throws(ReconciliationError) {
        do throws(KubernetesError) {
            _ = try client.list(APIRequest(.list, Self.pods, namespace: nil), pageSize: 1, deadline: deadline) { _ in
                false
            }
        } catch {
            throw .kubernetes(error)
        }
    }

    package var now: Int64 {
        client.serverTime ?? WallClock.now() / 1_000_000_000
    }

    private func pods(
        _ references: Set<PodReference>,
        deadline: Deadline
    ) throws(KubernetesError) -> [PodReference: PodState] {
        var found: [PodReference: PodState] = [:]
        for reference in references {
            let request = APIRequest(.get, Self.pods, namespace: reference.namespace, name: reference.name)
            // What can't be a pod's name is none's: the client sends no such request.
            guard reference.isPossible else { continue }
            switch try client.send(request, deadline: deadline) {
            case .object(let object):
                guard let state = PodState(object, readsInterfaces: readsInterfaces) else {
                    throw Self.malformed(reference.description)
                }
                found[reference] = state
            case .missing: break
            case .exists, .conflict, .unprocessable: throw Self.malformed(reference.description)
            }
        }
        return found
    }

    private func list(
        _ selector: String,
        isCompleted: Bool,
        _ found: inout [PodReference: PodState],
        deadline: Deadline
    ) throws(KubernetesError) {
        let request = APIRequest(
            .list,
            Self.pods,
            namespace: nil,
            query: ["fieldSelector": selector],
            isMetadataOnly: true
        )
        var collected: [(PodReference, PodState)] = []
        var malformed: String?
        _ = try client.list(request, deadline: deadline) { page in
            if page.isFirst { collected = [] }
            for item in page.items {
                guard let metadata = item.member("metadata"),
                    case .string(let namespace)? = metadata.member("namespace"),
                    case .string(let name)? = metadata.member("name"),
                    let state = PodState(item, isCompleted: isCompleted, readsInterfaces: readsInterfaces)
                else {
                    malformed = "a list of pods"
                    return false
                }
                collected.append((PodReference(namespace: namespace, name: name), state))
            }
            return true
        }
        if let malformed { throw Self.malformed(malformed) }
        for (reference, state) in collected { found[reference] = state }
    }

    private static func malformed(_ what: String) -> KubernetesError {
        KubernetesError(.malformedReply, "the API server's answer about \(what) has a pod without a name or a UID")
    }
}

extension PodReference {
    /// Whether a pod may have the name; one of another form would be a path of something else.
    fileprivate var isPossible: Bool {
        [namespace, name].allSatisfy { part in
            !["", ".", ".."].contains(part) && !part.contains { $0 == "/" || $0 == "%" }
        }
    }
}
