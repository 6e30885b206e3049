/// How much is measured.
struct Scale: Sendable {
    /// How often a single process is measured.
    var rounds: Int
    /// How many rounds before those do not count.
    let roundsBefore: Int
    /// How many processes are started at once.
    let crowds: [Int]
    /// How many rounds a crowd has, of so many processes together.
    let processesOfCrowds: Int
    /// How many addresses of a pool are taken; the first is the reference.
    let fills: [Int]
    /// How many pools there are.
    let pools: [Int]
    /// How many addresses of each of them are taken.
    let allocationsOfPool: Int
    /// The pods of the reference load, and the interfaces of each.
    let (pods, interfaces): (Int, Int)
    /// How often the reference load is put on.
    let loads: Int
    /// How many addresses the pool has that pods exhaust, and how often they do.
    let (exactPool, turns): (Int, Int)
    /// The pods that come at once on the Kubernetes datastore, and how often they do.
    let (podsOnKubernetes, turnsOnKubernetes): (Int, Int)

    /// What the document has.
    static let full = Scale(
        rounds: 200,
        roundsBefore: 5,
        crowds: [1, 10, 50, 200, 1000],
        processesOfCrowds: 1000,
        fills: [0, 1000, 10_000, 50_000, 200_000],
        pools: [1, 100, 1000],
        allocationsOfPool: 50,
        pods: 128,
        interfaces: 16,
        loads: 3,
        exactPool: 1000,
        turns: 3,
        podsOnKubernetes: 100,
        turnsOnKubernetes: 3
    )

    /// Just enough to show that everything works.
    static let smoke = Scale(
        rounds: 5,
        roundsBefore: 1,
        crowds: [1, 20],
        processesOfCrowds: 20,
        fills: [0, 500],
        pools: [1, 10],
        allocationsOfPool: 5,
        pods: 8,
        interfaces: 4,
        loads: 1,
        exactPool: 20,
        turns: 2,
        podsOnKubernetes: 10,
        turnsOnKubernetes: 1
    )

    /// How many rounds a crowd of a size has.
    func rounds(ofCrowd size: Int) -> Int {
        max(3, min(50, processesOfCrowds / size))
    }
}
