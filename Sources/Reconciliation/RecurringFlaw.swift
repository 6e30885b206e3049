/// What is wrong with something that is looked at again and again, to be told once.
struct RecurringFlaw {
    /// What a look is worth telling.
    enum News: Hashable {
        /// This is wrong.
        case flaw(String)
        /// What was told to be wrong is not so any more.
        case over
    }

    private var seen: String?
    private var told: String?

    /// Takes in what a look has found, nil for nothing.
    ///
    /// What one look alone finds is no news: a file may be written at that moment.
    mutating func look(_ flaw: String?) -> News? {
        defer { seen = flaw }
        guard let flaw else {
            guard told != nil else { return nil }
            told = nil
            return .over
        }
        guard flaw == seen, flaw != told else { return nil }
        told = flaw
        return .flaw(flaw)
    }
}
