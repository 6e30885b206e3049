internal import IPAM
internal import IPTypes
internal import JSON

/// A ConfigMap with what a reconciler has noted of one pool object's allocations, or of the reservations without entries.
struct StrandedNotes {
    /// The label that such ConfigMaps have.
    static let label = "whereabouts.cni.cncf.io/stranded"
    /// The annotation that says of what it is: a pool object, or `reservation/`.
    static let subjectAnnotation = "whereabouts.cni.cncf.io/stranded-of"
    /// The most notes of one ConfigMap, which may have a MiB; who finds no room is noted later.
    static let limit = 2000
    /// The subject that all reservations without entries share.
    static let reservations = "reservation/"

    /// Of what the notes are.
    let subject: String
    /// The version that was read; nil for what does not exist yet.
    private(set) var resourceVersion: String?
    private(set) var uid: String?
    /// The notes by what tells their places within the subject.
    private(set) var texts: [String: String] = [:]

    /// None yet.
    init(of subject: String) {
        self.subject = subject
    }

    /// Reads an object; nil for one that is none of these.
    init?(_ object: JSONValue) {
        guard let metadata = object.member("metadata"),
            case .string(let subject)? = metadata.member("annotations")?.member(Self.subjectAnnotation),
            case .string(let version)? = metadata.member("resourceVersion"),
            case .string(let uid)? = metadata.member("uid")
        else { return nil }
        self.subject = subject
        resourceVersion = version
        self.uid = uid
        if case .object(let data)? = object.member("data") {
            texts = data.compactMapValues { if case .string(let text) = $0 { text } else { nil } }
        }
    }

    /// What a place is a part of.
    static func subject(of place: AllocationPlace) -> String {
        place.domain.hasPrefix(reservations) ? reservations : place.domain
    }

    /// The name of the ConfigMap of a subject.
    static func name(of subject: String) -> String {
        let name = "whereabouts-stranded-" + (subject == reservations ? "reservations-without-entries" : subject)
        guard name.utf8.count > 253 else { return name }
        var hash = FNV1a()
        hash.add(subject)
        return "whereabouts-stranded-" + hash.text
    }

    /// What tells a place within its subject, as a key of a ConfigMap may be.
    private static func key(_ place: AllocationPlace) -> String {
        if place.domain.hasPrefix(reservations) { return String(place.domain.dropFirst(reservations.count)) }
        return String(place.address.fixedWidthText.map { $0 == ":" ? "-" : $0 })
    }

    private func place(_ key: String) -> AllocationPlace? {
        if subject == Self.reservations {
            return KubernetesDatastore.reservationPlace(key, ReservationObject.addresses(named: key))
        }
        let text = key.contains("-") ? String(key.map { $0 == "-" ? ":" : $0 }) : key
        return IPAddress(fixedWidthText: text).map { AllocationPlace(domain: subject, address: $0) }
    }

    /// The notes by their places; one that can't be understood counts for nothing.
    var candidates: [AllocationPlace: StrandedCandidate] {
        var candidates: [AllocationPlace: StrandedCandidate] = [:]
        for (key, text) in texts {
            guard let place = place(key) else { continue }
            let candidate = (try? JSONObject(parsing: Array(text.utf8))).flatMap { try? StrandedCandidate($0) }
            candidates[place] = candidate ?? StrandedCandidate(since: .max, reason: "", version: "")
        }
        return candidates
    }

    /// Takes a note in, or away; one without room is left out.
    mutating func note(_ candidate: StrandedCandidate?, of place: AllocationPlace) {
        let key = Self.key(place)
        guard candidate == nil || texts[key] != nil || texts.count < Self.limit else { return }
        texts[key] = candidate.map { String(decoding: RecordCoding.encode($0), as: UTF8.self) }
    }

    /// The object.
    func json(namespace: String) -> JSONValue {
        var metadata: [String: JSONValue] = [
            "name": .string(Self.name(of: subject)), "namespace": .string(namespace),
            "labels": .object([Self.label: .string("true")]),
            "annotations": .object([Self.subjectAnnotation: .string(subject)]),
        ]
        metadata["resourceVersion"] = resourceVersion.map(JSONValue.string)
        return .object([
            "apiVersion": .string("v1"), "kind": .string("ConfigMap"), "metadata": .object(metadata),
            "data": .object(texts.mapValues(JSONValue.string)),
        ])
    }
}
