/// A place in the order in which the calls that lost a race for the addresses of a pool try again.
///
/// It says how many others will take an address first, and is no more than that: nobody waits for anyone. A holder that is killed
/// has the places behind it begin an address too far, until the minute is over and another queue begins.
struct QueuePlace: Hashable {
    /// The most places that are counted; with more calls at once some share an address to begin with.
    static let limit: Int64 = 4096

    let queue: Queue
    /// The number of places drawn up to this one, itself among them.
    let number: Int64
    /// The number of places whose holders have claimed or drawn another one.
    var served: Int64

    /// How many calls will take an address first.
    var ahead: Int { Int(max(0, number - 1 - served) % Self.limit) }
}
