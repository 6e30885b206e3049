internal import EtcdClient
internal import IPAM
internal import JSON
internal import KubernetesClient
internal import Logging
internal import Reconciliation
internal import Synchronization

/// The pods of a node that have not ended, as a watch tells them.
///
/// It only tells where to look closer. The first list may come from the API server's memory, which a list of all nodes' pods from etcd would cost it dearly: what
/// that lacks or has too much, later events correct.
final class NodePods: Sendable {
    private struct State {
        var living: [PodReference: PodState]?
        var hasNews = false
    }

    /// How long a list may take, and how soon it is told that there is none.
    private static let listTimeout = Duration.seconds(15)

    private let list: APIRequest
    private let source: ClusterSource
    private let logger: Logger
    private let status: LoopStatus
    private let state = Mutex(State())

    init(node: String, source: ClusterSource, status: LoopStatus, logger: Logger) {
        list = APIRequest(
            .list,
            APIResource(group: "", version: "v1", plural: "pods"),
            namespace: nil,
            query: [
                "fieldSelector": "spec.nodeName=\(node),status.phase!=Succeeded,status.phase!=Failed",
                "resourceVersion": "0",
            ],
            isMetadataOnly: true
        )
        self.source = source
        self.logger = logger
        self.status = status
    }

    /// Watches from now on, on a thread of its own.
    func start() {
        BlockingThread.start { [self] in
            while true {
                do throws(KubernetesError) {
                    try watch()
                } catch {
                    logger.warning("\(error)")
                    status.watchObstacle = "\(error)"
                    Pause.milliseconds(.random(in: 1000...5000))
                }
            }
        }
    }

    /// The pods; nil before they were listed.
    var living: [PodReference: PodState]? {
        state.withLock { $0.living }
    }

    /// Whether a pod has ended, or all were listed anew, since the last time it was asked.
    func takeNews() -> Bool {
        state.withLock { state in
            defer { state.hasNews = false }
            return state.hasNews
        }
    }

    private func watch() throws(KubernetesError) {
        let client = try KubernetesClient(source)
        while true {
            var listed: [PodReference: PodState] = [:]
            let version = try client.list(list, deadline: .after(Self.listTimeout)) { page in
                if page.isFirst { listed = [:] }
                for item in page.items {
                    if let (reference, pod) = Self.pod(item) { listed[reference] = pod }
                }
                return true
            }
            guard let version else { return }
            state.withLock { [listed] in $0 = State(living: listed, hasNews: true) }
            status.watchObstacle = nil
            logger.info("\(listed.count) pods on the node")
            let watch = client.watch(list, from: version)
            var isExpired = false
            while !isExpired {
                switch try watch.next(deadline: .after(.seconds(60))) {
                case .event(let event): take(event)
                case .expired: isExpired = true
                case .ended(let error): status.watchObstacle = error.map { "\($0)" }
                case nil: status.watchObstacle = nil
                }
            }
            // Who ends streams at once would otherwise be asked for lists without a pause.
            Pause.milliseconds(.random(in: 1000...3000))
        }
    }

    private func take(_ event: APIEvent) {
        status.watchObstacle = nil
        state.withLock { state in
            guard event.kind != .bookmark, let (reference, pod) = Self.pod(event.object) else { return }
            switch event.kind {
            case .added, .modified:
                state.living?[reference] = pod
            case .deleted:
                // A pod of the same name may have come before the old one's end was told.
                guard state.living?[reference].map({ $0.uid == pod.uid }) ?? true else { return }
                state.living?[reference] = nil
                state.hasNews = true
            case .bookmark: break
            }
        }
    }

    private static func pod(_ object: JSONValue) -> (PodReference, PodState)? {
        guard let namespace = object.text("metadata", "namespace"), let name = object.text("metadata", "name"),
            let pod = PodState(object, isCompleted: false, readsInterfaces: false)
        else { return nil }
        return (PodReference(namespace: namespace, name: name), pod)
    }
}
