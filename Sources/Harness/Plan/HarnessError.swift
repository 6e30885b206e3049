/// Why a run could not be made.
struct HarnessError: Error, CustomStringConvertible {
    /// What is wrong, and what to do.
    let description: String

    /// Makes an error.
    init(_ description: String) {
        self.description = description
    }
}
