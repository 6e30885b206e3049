extension Judge {
    /// The breaches that the snapshots of the store show.
    func records(_ history: History, _ index: CallIndex, _ holdings: HoldingIndex) -> [Violation] {
        let retention = Retention(history.ranges)
        var violations: [Violation] = []
        if let snapshot = history.beforeCleanup {
            violations += lostRecords(snapshot, history, index, holdings)
            violations += unownedRecords(snapshot, history, index, retention)
        }
        if let snapshot = history.afterCleanup {
            for record in snapshot.sortedRecords where !(record.isRetained && retention.applies(to: record.address)) {
                violations.append(.leftRecord(record: record, time: snapshot.time))
            }
        }
        for snapshot in [history.beforeCleanup, history.afterCleanup].compactMap({ $0 }) {
            violations += snapshot.inconsistencies.map {
                .inconsistentIndex(inconsistency: $0, time: snapshot.time)
            }
        }
        return violations
    }

    private func lostRecords(
        _ snapshot: StoreSnapshot,
        _ history: History,
        _ index: CallIndex,
        _ holdings: HoldingIndex
    ) -> [Violation] {
        let time = snapshot.time
        let stored = Dictionary(grouping: snapshot.records, by: \.address)
        var violations: [(start: Int64, violation: Violation)] = []
        for group in holdings.groups {
            guard let newest = group.adds.last(where: { $0.start <= time })?.start else { continue }
            var reported: Set<Int> = []
            for position in group.adds.indices.reversed() {
                let add = group.adds[position]
                guard add.end <= time, group.earliestEndOfClaim[position] > time else { continue }
                for address in add.addresses where reported.insert(address).inserted {
                    let name = index.addresses.values[address]
                    let records = stored[name] ?? []
                    // The record names the container of the owner's last ADD, which is any that no other certainly followed.
                    let containers = index.adds[group.tenures[position].owner].filter {
                        $0.start <= time && $0.latest >= newest
                    }
                    let call = history.calls[add.call]
                    let stray = records.first { record in
                        record.isRetained || record.pod != nil && record.pod != Owner(call).pod
                            || !containers.contains { index.attachments.values[$0.attachment] == record.attachment }
                    }
                    if records.isEmpty || stray != nil {
                        violations.append(
                            (
                                add.end,
                                .lostRecord(
                                    address: name,
                                    owner: "\(Owner(call))",
                                    call: call.number,
                                    found: stray,
                                    time: time
                                )
                            )
                        )
                    }
                }
            }
        }
        return violations.sorted { $0.start < $1.start }.map(\.violation)
    }

    private func unownedRecords(
        _ snapshot: StoreSnapshot,
        _ history: History,
        _ index: CallIndex,
        _ retention: Retention
    ) -> [Violation] {
        let domains = history.ranges.map(\.domain)
        var addsByAttachment: [Int: [AddEvent]] = [:]
        for add in index.adds.joined() where add.start <= snapshot.time {
            addsByAttachment[add.attachment, default: []].append(add)
        }
        var leaked: [Violation] = []
        var strange: [Violation] = []
        for record in snapshot.sortedRecords {
            let attachment = index.attachments.existing(record.attachment)
            let adds = (attachment.flatMap { addsByAttachment[$0] } ?? []).filter { add in
                index.shapes.values[add.shape].ranges.contains {
                    domains.indices.contains($0) && domains[$0] == record.address.domain
                }
            }
            if adds.isEmpty {
                strange.append(.strangeRecord(record: record, time: snapshot.time))
            } else if !(record.isRetained && retention.applies(to: record.address)),
                let release = release(of: adds, by: snapshot.time, history, index)
            {
                leaked.append(
                    .leakedRecord(record: record, release: history.calls[release].number, time: snapshot.time)
                )
            }
        }
        return leaked + strange
    }

    /// The call that has released whatever the ADDs of an attachment made, or nil if there may be none.
    private func release(of adds: [AddEvent], by time: Int64, _ history: History, _ index: CallIndex) -> Int? {
        guard let last = adds.map(\.end).max() else { return nil }
        let sure = index.releases(for: adds.sorted { $0.start < $1.start }).filter {
            $0.isAcknowledged && $0.start > last && $0.end <= time
        }
        let networks = Set(adds.map { history.calls[$0.call].network })
        let released = Set(sure.map { history.calls[$0.call].network })
        return networks.isSubset(of: released) ? sure.first?.call : nil
    }
}

extension StoreSnapshot {
    /// The records by domain and address text, so that equal histories are judged in equal words.
    fileprivate var sortedRecords: [StoredRecord] {
        records.sorted { ($0.address.domain, $0.address.address) < ($1.address.domain, $1.address.address) }
    }
}
