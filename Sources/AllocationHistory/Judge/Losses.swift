internal import Algorithms

/// When an owner may have lost its addresses.
struct Losses {
    private struct Loss {
        /// An ADD that had its effect later than this is not concerned.
        let latest: Int64
        /// When the loss may have come at the earliest.
        let start: Int64
        /// What the owner was told that it has instead; nil if it has nothing.
        let answer: [Int]?
    }

    /// By `latest`, and behind each the two earliest starts from there on, of different answers.
    private let losses: [(latest: Int64, first: Loss, second: Loss?)]

    /// The losses by releases.
    ///
    /// - Parameters:
    ///   - all: All ADDs of the owner that took effect or may have, by start.
    ///   - acknowledged: Those whose addresses are looked at, by start; each takes over what earlier ones got.
    ///   - releases: The calls that may have released what their attachments had, by start.
    init(all: [AddEvent], acknowledged: [AddEvent], releases: [ReleaseEvent]) {
        var ownEnds: [Int: RunningExtreme] = [:]
        for add in all {
            ownEnds[add.attachment, default: .highest].append(start: add.start, moment: add.latest)
        }
        var separators = acknowledged.sorted { $0.end > $1.end }
        var newest = TopTwo()
        var losses: [Loss] = []
        for release in releases {
            while let add = separators.last, add.end < release.start {
                newest.insert(add.start, of: add.attachment)
                separators.removeLast()
            }
            // The attachment's last ADD that the release can have seen, and the start of the last one of another attachment
            // that certainly came before the release: in between, the addresses have passed on.
            guard let own = ownEnds[release.attachment]?.value(whereStart: { $0 <= release.latest }) else { continue }
            if let other = newest.highest(notOf: release.attachment), own < other { continue }
            losses.append(Loss(latest: min(release.latest, own), start: release.start, answer: nil))
        }
        self.init(losses)
    }

    /// The losses by answers that name other addresses.
    init(answersOf adds: [AddEvent]) {
        guard let first = adds.first, adds.contains(where: { $0.addresses != first.addresses }) else {
            self.init([])
            return
        }
        self.init(adds.map { Loss(latest: $0.latest, start: $0.start, answer: $0.addresses) })
    }

    private init(_ unsorted: [Loss]) {
        var result: [(latest: Int64, first: Loss, second: Loss?)] = []
        result.reserveCapacity(unsorted.count)
        for loss in unsorted.sorted(by: { $0.latest > $1.latest }) {
            guard let last = result.last else {
                result.append((loss.latest, loss, nil))
                continue
            }
            if loss.start < last.first.start {
                let second = loss.answer == last.first.answer ? last.second : last.first
                result.append((loss.latest, loss, second))
            } else if loss.answer != last.first.answer, loss.start < last.second?.start ?? .max {
                result.append((loss.latest, last.first, loss))
            } else {
                result.append((loss.latest, last.first, last.second))
            }
        }
        losses = result.reversed()
    }

    /// Returns the earliest start of a loss that can have come behind the effect of an ADD which started at a moment, or
    /// `Int64.max`; losses by the same answer do not count.
    func earliest(possiblyAfter start: Int64, otherThan answer: [Int] = []) -> Int64 {
        guard let entry = losses[losses.partitioningIndex { $0.latest >= start }...].first else { return .max }
        return entry.first.answer == answer ? entry.second?.start ?? .max : entry.first.start
    }
}
