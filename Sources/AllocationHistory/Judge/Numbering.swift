/// Small numbers for values, in the order in which the values turn up.
struct Numbering<Value: Hashable> {
    private(set) var values: [Value] = []
    private var numbers: [Value: Int] = [:]

    /// Returns the number of a value, a new one if it turns up for the first time.
    mutating func number(_ value: Value) -> Int {
        if let number = numbers[value] {
            return number
        }
        let number = values.count
        numbers[value] = number
        values.append(value)
        return number
    }

    /// Returns the number of a value, or nil if it has not turned up.
    func existing(_ value: Value) -> Int? {
        numbers[value]
    }
}
