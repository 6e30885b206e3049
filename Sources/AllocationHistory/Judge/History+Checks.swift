extension History {
    /// What a judge looks at: each rule stands once, unless the history lacks what would show a breach of it.
    var checks: [Check] {
        let adds = calls.filter { $0.verb == .add }
        var checks = [
            Check(
                subject: "calls",
                count: calls.count,
                rules: [.malformedAnswer, .unfinishedCall, .leakedSecret, .unexpectedError]
            ),
            Check(
                subject: "ADDs that were acknowledged",
                count: adds.count { $0.outcome.isSuccess },
                rules: ranges.isEmpty ? [.changedAddress] : [.changedAddress, .wrongRange]
            ),
            Check(
                subject: "addresses that they returned",
                count: Set(adds.flatMap(\.outcome.addresses)).count,
                rules: [.sharedAddress]
            ),
        ]
        // Without ranges the history is of a plugin whose ranges nobody told.
        if !ranges.isEmpty {
            checks.append(
                Check(
                    subject: "ADDs that found a range full",
                    count: adds.count { $0.outcome.isExhaustion },
                    rules: [.falseExhaustion]
                )
            )
        }
        if let beforeCleanup {
            checks.append(
                Check(
                    subject: "records before the clean-up",
                    count: beforeCleanup.records.count,
                    rules: [.lostRecord, .leakedRecord, .strangeRecord]
                )
            )
        }
        if let afterCleanup {
            checks.append(
                Check(
                    subject: "records after the clean-up",
                    count: afterCleanup.records.count,
                    rules: [.leftRecord]
                )
            )
        }
        let snapshots = [beforeCleanup, afterCleanup].compactMap { $0 }
        if !snapshots.isEmpty {
            let counts = snapshots.compactMap(\.indexKeyCount)
            checks.append(
                Check(
                    subject: "index keys, before and after",
                    count: counts.count == snapshots.count ? counts.reduce(0, +) : nil,
                    rules: [.inconsistentIndex]
                )
            )
        }
        return checks
    }
}
