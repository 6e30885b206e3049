/// The calls of a history, sorted by what they are about.
struct CallIndex {
    /// The attachments that calls name.
    private(set) var attachments = Numbering<CallAttachment>()
    /// The owners that ADDs name.
    private(set) var owners = Numbering<Owner>()
    /// What ADDs ask for.
    private(set) var shapes = Numbering<AddShape>()
    /// The addresses that ADDs returned.
    private(set) var addresses = Numbering<HistoryAddress>()
    /// For each owner its ADDs that took effect or may have, by start.
    private(set) var adds: [[AddEvent]] = []
    /// For each attachment the DELs of it, by start.
    private(set) var deletes: [[ReleaseEvent]] = []
    /// The GC calls, by start.
    private(set) var collections: [CollectionScope: [CollectionEvent]] = [:]

    private let calls: [Call]

    /// Sorts the calls.
    init(_ calls: [Call]) {
        self.calls = calls
        for (index, call) in calls.enumerated() {
            switch call.verb {
            case .delete:
                let attachment = number(call.attachment)
                deletes[attachment].append(ReleaseEvent(index, call, attachment: attachment))
            case .collect:
                collections[CollectionScope(node: call.node, network: call.network), default: []].append(
                    CollectionEvent(
                        call: index,
                        valid: call.validAttachments.map { Set($0) },
                        start: call.start,
                        end: call.end,
                        isAcknowledged: call.outcome.isSuccess
                    )
                )
            case .add, .check, .status:
                break
            }
        }
        for attachment in deletes.indices {
            deletes[attachment].sort { $0.start < $1.start }
        }
        for scope in collections.keys {
            collections[scope]?.sort { $0.start < $1.start }
        }
        for (index, call) in calls.enumerated() where call.verb == .add && call.outcome.mayHaveAllocated {
            let owner = owners.number(Owner(call))
            if owner == adds.count {
                adds.append([])
            }
            adds[owner].append(add(index, call))
        }
        for owner in adds.indices {
            adds[owner].sort { $0.start < $1.start }
        }
    }

    private mutating func number(_ attachment: CallAttachment) -> Int {
        let number = attachments.number(attachment)
        if number == deletes.count {
            deletes.append([])
        }
        return number
    }

    private mutating func add(_ index: Int, _ call: Call) -> AddEvent {
        let attachment = number(call.attachment)
        let fence = deletes[attachment].first { $0.isAcknowledged && $0.start > call.end }
        return AddEvent(
            call: index,
            attachment: attachment,
            shape: shapes.number(AddShape(network: call.network, ranges: call.ranges)),
            start: call.start,
            end: call.end,
            latest: call.outcome.isSuccess ? call.end : fence?.end ?? .max,
            isAcknowledged: call.outcome.isSuccess,
            addresses: call.outcome.addresses.map { addresses.number($0) }.sorted()
        )
    }

    /// Returns the calls that may have released what the attachments of some ADDs of one owner had, by start.
    ///
    /// GC calls behind the first one that released all that there was are left out: they add nothing.
    func releases(for adds: [AddEvent]) -> [ReleaseEvent] {
        var byAttachment: [Int: [AddEvent]] = [:]
        for add in adds {
            byAttachment[add.attachment, default: []].append(add)
        }
        var releases: [ReleaseEvent] = []
        for (attachment, adds) in byAttachment {
            releases += deletes[attachment]
            releases += collections(of: attachment, adds: adds)
        }
        return releases.sorted { ($0.start, $0.call) < ($1.start, $1.call) }
    }

    private func collections(of attachment: Int, adds: [AddEvent]) -> [ReleaseEvent] {
        guard !collections.isEmpty, let first = adds.first?.start, let last = adds.map(\.end).max() else { return [] }
        let name = attachments.values[attachment]
        let over = deletes[attachment].first { $0.isAcknowledged && $0.start > last }?.start ?? .max
        // What a killed ADD sent may arrive behind a GC: that knows of the records only that it finds.
        let isFinal = adds.allSatisfy(\.isAcknowledged)
        var releases: [ReleaseEvent] = []
        let scopes = Set(adds.map { CollectionScope(node: calls[$0.call].node, network: calls[$0.call].network) })
        for scope in scopes {
            // A collection takes nothing that was made behind its begin; that is somewhere between the call's start, before there is a
            // process, and its end.
            for collection in collections[scope] ?? [] where collection.end > first {
                guard collection.start <= over else { break }
                if collection.valid?.contains(name) ?? false {
                    continue
                }
                let isSure = collection.isAcknowledged && collection.valid != nil && isFinal
                releases.append(
                    ReleaseEvent(
                        call: collection.call,
                        attachment: attachment,
                        start: collection.start,
                        end: collection.end,
                        latest: collection.latest,
                        isAcknowledged: isSure
                    )
                )
                if collection.start > last, isSure {
                    break
                }
            }
        }
        return releases
    }
}

extension ReleaseEvent {
    /// A DEL.
    fileprivate init(_ index: Int, _ call: Call, attachment: Int) {
        let isAcknowledged = call.outcome.isSuccess
        self.init(
            call: index,
            attachment: attachment,
            start: call.start,
            end: call.end,
            latest: isAcknowledged ? call.end : .max,
            isAcknowledged: isAcknowledged
        )
    }
}
