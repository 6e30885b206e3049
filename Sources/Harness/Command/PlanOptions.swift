internal import ArgumentParser

extension ArrivalPattern: ExpressibleByArgument {}
extension LabSecurity: ExpressibleByArgument {}

/// The options that make a plan.
struct PlanOptions: ParsableArguments {
    @Option(help: "What all choices follow from; another one each time when it is not given.")
    var seed: UInt64?
    @Option(help: "The simulated nodes.") var nodes: Int?
    @Option(help: "The pods on each node at one time.") var pods: Int?
    @Option(help: "The interfaces of each pod.") var interfaces: Int?
    @Option(help: "The networks that the interfaces are of, in turn.") var networks: Int?
    @Flag(help: "IPv4 only, in place of both families.") var singleStack = false
    @Option(help: "The addresses of each network's range; more than can be in use when not given.") var addresses: Int?
    @Option(help: "How pods come and go: burst, steady or churn.") var pattern: ArrivalPattern?
    @Option(help: "The pods a second of the steady pattern.") var rate: Int?
    @Option(help: "After how many attachments the load ends.") var attachments: Int?
    @Option(help: "After how many seconds the load ends in any case.") var seconds: Int?
    @Option(help: "The members of the etcd that is started, 1 to 9; more than one need root.") var members: Int?
    @Option(help: "How that etcd serves: plain, tls, or tls-user with a user and a password.") var security:
        LabSecurity?
    @Option(
        help: "What is broken: none, all, or a list of \(FaultKind.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var faults: String?
    @Option(
        help:
            "The etcd to use in place of one of its own, as etcd_host takes it; only plugins and clocks are broken then."
    )
    var endpoints: String?
    @OptionGroup var access: EtcdAccessOptions
    @Option(help: "The plugin; the one beside this program when not given.") var plugin: String?
    @Option(help: "The network configuration of an IPAM plugin that is not ours.") var conf: String?

    /// The plan.
    func plan() throws -> RunPlan {
        var plan = RunPlan(seed: seed ?? .random(in: 0..<1_000_000_000))
        plan.nodes = try positive(nodes, "nodes") ?? plan.nodes
        plan.podsPerNode = try positive(pods, "pods") ?? plan.podsPerNode
        plan.interfaces = try positive(interfaces, "interfaces") ?? plan.interfaces
        plan.networks = try positive(networks, "networks") ?? plan.networks
        plan.isDualStack = !singleStack
        plan.addresses = try positive(addresses, "addresses")
        plan.pattern = pattern ?? plan.pattern
        plan.rate = try positive(rate, "rate") ?? plan.rate
        plan.attachments = try positive(attachments, "attachments") ?? plan.attachments
        plan.seconds = try positive(seconds, "seconds") ?? plan.seconds
        plan.members = try positive(members, "members") ?? plan.members
        plan.security = security ?? plan.security
        if let endpoints {
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

    private func positive(_ value: Int?, _ name: String) throws -> Int? {
        guard let value else { return nil }
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
                            "--faults \(name): give none, all, or some of \(FaultKind.allCases.map(\.rawValue).joined(separator: ", "))"
                        )
                    }
                    return kind
                }
            )
        }
    }
}
