/// What a step of a history calls.
enum HistoryVerb {
    case add
    case delete
    case check
    case status
    case collect
}
