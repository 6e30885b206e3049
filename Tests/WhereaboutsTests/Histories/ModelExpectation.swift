import IPAM

/// What an ADD may answer by the model.
enum ModelExpectation: Hashable {
    /// For each demand one of these addresses.
    case addresses([Set<ModelPlace>])
    /// An error that blames one of the demands with nothing left, or one of the addresses that somebody else has.
    case refusal(full: [AllocationRequest.Demand], taken: [ModelPlace])
}
