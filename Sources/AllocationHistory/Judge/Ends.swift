/// When the addresses of an owner's ADDs are free again for certain, or another ADD of the owner accounts for them.
struct Ends {
    /// For each ADD the end of the first acknowledged release of its attachment that started behind it.
    private let released: [Int64]
    /// For each acknowledged ADD the end of the next one that returned the same, which accounts for the addresses from its start.
    private let accounted: [Int64]

    /// Looks at an owner's ADDs, by start, and at what may have released their attachments' addresses, by start.
    init(adds: [AddEvent], releases: [ReleaseEvent]) {
        var byAttachment: [Int: RunningExtreme] = [:]
        for release in releases.reversed() where release.isAcknowledged {
            byAttachment[release.attachment, default: .lowest].append(start: release.start, moment: release.end)
        }
        released = adds.map { add in
            byAttachment[add.attachment]?.value { $0 > add.end } ?? .max
        }
        var sameAnswer: [[Int]: [Int: RunningExtreme]] = [:]
        for add in adds.reversed() where add.isAcknowledged {
            sameAnswer[add.addresses, default: [:]][add.shape, default: .lowest].append(
                start: add.start,
                moment: add.end
            )
        }
        accounted = adds.map { add in
            guard add.isAcknowledged else { return .max }
            return sameAnswer[add.addresses]?[add.shape]?.value { $0 > add.end } ?? .max
        }
    }

    /// Tells when an ADD's addresses no longer count as its own.
    ///
    /// - Parameters:
    ///   - position: The position of the ADD.
    ///   - isRetained: Whether a released address stays taken for the owner.
    ///   - delay: For how long an acknowledged release may be put off.
    /// - Returns: The moment, or `Int64.max` if they count for ever.
    func end(of position: Int, isRetained: Bool, delay: Int64) -> Int64 {
        let release = isRetained ? .max : released[position].addingClamped(delay)
        return min(release, accounted[position])
    }
}

extension Int64 {
    /// The sum, or the highest number where that is too small for it.
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
