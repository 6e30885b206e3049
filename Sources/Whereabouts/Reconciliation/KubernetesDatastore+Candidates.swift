package import EtcdClient
internal import KubernetesClient

/// What a reconciler has noted of allocations that look stranded: in ConfigMaps, because upstream's objects have no place for it.
extension KubernetesDatastore {
    private static let configMaps = APIResource(group: "", version: "v1", plural: "configmaps")
    /// How often a ConfigMap is read again that somebody else has changed.
    private static let tryLimit = 5

    /// Reads all notes; one that can't be understood counts as none.
    ///
    /// - Throws: `.kubernetes`.
    package func candidates(deadline: Deadline) throws(DatastoreError) -> [AllocationPlace: StrandedCandidate] {
        var candidates: [AllocationPlace: StrandedCandidate] = [:]
        let query = ["labelSelector": StrandedNotes.label]
        do throws(KubernetesError) {
            let request = APIRequest(.list, Self.configMaps, namespace: namespace, query: query)
            _ = try client.list(request, pageSize: 20, deadline: deadline) { page in
                for notes in page.items.compactMap(StrandedNotes.init) {
                    candidates.merge(notes.candidates) { $1 }
                }
                return true
            }
        } catch {
            throw .kubernetes(error)
        }
        return candidates
    }

    /// Writes notes, and removes those that are nil.
    ///
    /// - Throws: `.contention`, `.kubernetes`.
    package func note(
        _ notes: [AllocationPlace: StrandedCandidate?],
        deadline: Deadline
    ) throws(DatastoreError) {
        for (subject, places) in Dictionary(grouping: notes.keys, by: { StrandedNotes.subject(of: $0) }) {
            var tries = 0
            while true {
                var present = try strandedNotes(of: subject, deadline: deadline)
                for place in places.sorted(by: { $0.address < $1.address }) {
                    present.note(notes[place] ?? nil, of: place)
                }
                if try write(present, deadline: deadline) { break }
                tries += 1
                guard tries < Self.tryLimit else { throw .contention(tries: tries) }
            }
        }
    }

    private func strandedNotes(of subject: String, deadline: Deadline) throws(DatastoreError) -> StrandedNotes {
        let name = StrandedNotes.name(of: subject)
        guard case .object(let object) = try send(.get, Self.configMaps, name: name, deadline: deadline),
            let notes = StrandedNotes(object)
        else { return StrandedNotes(of: subject) }
        return notes
    }

    /// Writes notes, or deletes the object that has none; false when somebody else has changed it meanwhile.
    private func write(_ notes: StrandedNotes, deadline: Deadline) throws(DatastoreError) -> Bool {
        let name = StrandedNotes.name(of: notes.subject)
        let reply: APIReply
        if notes.texts.isEmpty {
            guard let version = notes.resourceVersion else { return true }
            let verb = APIRequest.Verb.delete(uid: notes.uid, resourceVersion: version)
            reply = try send(verb, Self.configMaps, name: name, deadline: deadline)
            if reply == .missing { return true }
        } else if notes.resourceVersion == nil {
            reply = try send(.create(notes.json(namespace: namespace)), Self.configMaps, deadline: deadline)
            if reply == .missing { throw missingNamespace }
        } else {
            let verb = APIRequest.Verb.update(notes.json(namespace: namespace))
            reply = try send(verb, Self.configMaps, name: name, deadline: deadline)
        }
        switch reply {
        case .object: return true
        case .missing, .exists, .conflict: return false
        case .unprocessable(let reason): throw refused("the ConfigMap \(name)", reason)
        }
    }
}
