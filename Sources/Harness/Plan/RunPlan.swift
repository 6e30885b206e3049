internal import FoundationEssentials

/// What a run does; the same plan with the same seed makes the same choices.
struct RunPlan: Codable, Sendable, Hashable {
    /// What all choices follow from.
    var seed: UInt64
    /// The nodes that pods run on.
    var nodes = 8
    /// The pods that run on a node at one time.
    var podsPerNode = 4
    /// The interfaces that whereabouts gives addresses to in each pod.
    var interfaces = 2
    /// The networks that the interfaces are of, in turn.
    var networks = 2
    /// Whether each interface gets an IPv6 address too.
    var isDualStack = true
    /// The addresses of each network's range; nil for as many as could ever be in use, and some more.
    var addresses: Int?
    /// How pods come and go.
    var pattern = ArrivalPattern.churn
    /// The pods a second that come with `ArrivalPattern.steady`.
    var rate = 20
    /// After how many attachments the run ends.
    var attachments = 1000
    /// After how many seconds it ends in any case.
    var seconds = 45
    /// The members of the etcd that the run starts.
    var members = 1
    /// How that etcd serves its clients.
    var security = LabSecurity.plain
    /// Whether runtimes forget some pods, and call for the garbage of each node while pods come and go.
    var collectsGarbage = true
    /// What is broken, in an order of chance.
    var faults: Set<FaultKind> = [.pluginKilled]
    /// The percentage of plugin processes that a fault befalls.
    var pluginFaultPercentage = 3
    /// The etcd to use in place of one that the run starts.
    var etcd: ExistingEtcd?
    /// The plugin; nil for the one that was built beside the harness.
    var plugin: String?
    /// The network configuration for a plugin that is not ours, in a file.
    var configurationFile: String?

    /// Makes a plan with the default size.
    init(seed: UInt64) {
        self.seed = seed
    }

    /// The pods that run at one time.
    var places: Int { nodes * podsPerNode }

    /// The addresses of each network's range.
    var addressesOfNetwork: Int {
        // Twice, because those of a container that was killed stay until its DEL.
        addresses ?? max(64, 2 * places * (interfaces + networks - 1) / networks + 16)
    }

    /// The plan as a history carries it.
    var parameters: [String: String] {
        guard let data = try? JSONEncoder().encode(self) else { return [:] }
        return ["plan": String(decoding: data, as: UTF8.self)]
    }

    /// Reads what `parameters` made; nil when it is none of this release.
    init?(parameters: [String: String]) {
        guard let text = parameters["plan"],
            let plan = try? JSONDecoder().decode(RunPlan.self, from: Data(text.utf8))
        else { return nil }
        self = plan
    }
}
