/// How pods come and go.
enum ArrivalPattern: String, Codable, Sendable, CaseIterable {
    /// All at once, and away again all at once, round after round.
    case burst
    /// At a steady rate, whatever the answers' time.
    case steady
    /// Each place for a pod is taken again as soon as it is empty.
    case churn
}
