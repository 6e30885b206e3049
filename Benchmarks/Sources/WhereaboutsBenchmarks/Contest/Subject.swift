/// What is measured in a contest.
struct Subject<Sample> {
    /// How tables call it.
    let name: String
    /// Brings about what a measurement begins with; its time does not count.
    var prepare: () throws -> Void = {}
    /// Measures once.
    let measure: () throws -> Sample
}
