internal import ArgumentParser

extension ArrivalPattern: ExpressibleByArgument {}
extension LabSecurity: ExpressibleByArgument {}

/// The options that make a plan.
struct PlanOptions: ParsableArguments {
    /// What counts where nothing else is said.
    private static let standard = RunPlan(seed: 0)
    private static let faultNames = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")

    @Option(help: "What all choices follow from. (default: another one each time)") var seed: UInt64?
    @Option(help: "The simulated nodes.") var nodes = Self.standard.nodes
    @Option(help: "The pods on each node at one time.") var pods = Self.standard.podsPerNode
    @Option(help: "The interfaces of each pod.") var interfaces = Self.standard.interfaces
    @Option(help: "The networks that the interfaces are of, in turn.") var networks = Self.standard.networks
    @Flag(help: "IPv4 only, in place of both families.") var singleStack = false
    @Option(help: "The addresses of each network's range. (default: more than can be in use)") var addresses: Int?
    @Option(help: "How pods come and go.") var pattern = Self.standard.pattern
    @Option(help: "The pods a second of the steady pattern.") var rate = Self.standard.rate
    @Option(help: "How many attachments are made, unless --seconds ends the load before.")
    var attachments = Self.standard.attachments
    @Option(help: "After how many seconds the load ends in any case.") var seconds = Self.standard.seconds
    @Option(help: "The members of the etcd that is started, 1 to 9; more than one need root.")
    var members = Self.standard.members
    @Option(help: "How that etcd serves; with tls-user it demands a user and a password.")
    var security = Self.standard.security
    @Option(
        help: """
            What is broken: none, all, or a list of \(Self.faultNames). (default: \(Self.standard.faults.map(\.rawValue).joined(separator: ",")), \
            with compare none)
            """
    )
    var faults: String?
    @Option(
        help: """
            The etcd to use, as etcd_host takes it; only plugins and clocks are broken then. (default: one that is started, and \
            stopped at the end)
            """
    )
    var endpoints: String?
    @OptionGroup var access: EtcdAccessOptions
    @Option(help: "The plugin. (default: the one beside this program, else this checkout's release build)")
    var plugin: String?
    @Option(help: "The network configuration of an IPAM plugin that is not ours. (default: made for ours)")
    var conf: String?

    /// The plan.
    func plan() throws -> RunPlan {
        var plan = RunPlan(seed: seed ?? .random(in: 0..<1_000_000_000))
        plan.nodes = try positive(nodes, "nodes")
        plan.podsPerNode = try positive(pods, "pods")
        plan.interfaces = try positive(interfaces, "interfaces")
        plan.networks = try positive(networks, "networks")
        plan.isDualStack = !singleStack
        plan.addresses = try addresses.map { try positive($0, "addresses") }
        plan.pattern = pattern
        plan.rate = try positive(rate, "rate")
        plan.attachments = try positive(attachments, "attachments")
        plan.seconds = try positive(seconds, "seconds")
        plan.members = try positive(members, "members")
        plan.security = security
        if let endpoints {
            guard plan.members == Self.standard.members, security == Self.standard.security else {
                throw ValidationError(
                    "--members and --security are for the etcd that the run starts; leave them out beside --endpoints"
                )
            }
            plan.etcd = access.etcd(at: endpoints)
        } else {
            try access.expectNone()
        }
        plan.plugin = plugin
        plan.configurationFile = conf
        // Others need not know how, nor of a list for each network.
        plan.collectsGarbage = conf == nil
        guard plan.members <= 9 else { throw ValidationError("--members \(plan.members): give 1 to 9") }
        guard plan.networks <= 100 else { throw ValidationError("--networks \(plan.networks): give 1 to 100") }
        guard plan.addressesOfNetwork < 65_535 else {
            throw ValidationError(
                "\(plan.addressesOfNetwork) addresses in each network: a network has 65,534; give fewer --nodes, --pods or --interfaces, or more --networks"
            )
        }
        guard conf == nil || plugin != nil else {
            throw ValidationError("--conf is for another plugin; name it with --plugin")
        }
        plan.faults = try faultKinds() ?? plan.faults
        return plan
    }

    private func positive(_ value: Int, _ name: String) throws -> Int {
        guard value > 0 else { throw ValidationError("--\(name) \(value): give 1 or more") }
        return value
    }

    private func faultKinds() throws -> Set<FaultKind>? {
        switch faults {
        case nil: return nil
        case "": throw ValidationError("--faults is empty; give none, all, or a list")
        case "none": return []
        case "all": return Set(FaultKind.allCases)
        case let list?:
            return Set(
                try list.split(separator: ",").map { name in
                    guard let kind = FaultKind(rawValue: String(name)) else {
                        throw ValidationError(
                            "--faults \(name): give none, all, or some of \(Self.faultNames)"
                        )
                    }
                    return kind
                }
            )
        }
    }
}
