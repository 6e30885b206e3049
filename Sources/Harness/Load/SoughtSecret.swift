internal import JSON

/// A password that a plugin may show nowhere, as it stands or as JSON writes it.
struct SoughtSecret: Sendable {
    private let secret: String
    private let forms: [String]

    /// Makes the search for a password.
    init(_ secret: String) {
        self.secret = secret
        let escaped = String(decoding: JSONValue.string(secret).encoded().dropFirst().dropLast(), as: UTF8.self)
        forms = [secret, escaped, escaped.replacing("/", with: #"\/"#)]
    }

    /// What a plugin has printed, with a mark in place of the password; nil when the password is not in it.
    func evidence(in text: String) -> String? {
        if forms.contains(where: text.contains) {
            return forms.reduce(text) { $0.replacing($1, with: "<the password>") }
        }
        // Other escapes, of which JSON has one for every character.
        guard let value = try? JSONValue(parsing: Array(text.utf8)), isIn(value) else { return nil }
        return "an answer with the password in escapes"
    }

    private func isIn(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): text.contains(secret)
        case .array(let elements): elements.contains(where: isIn)
        case .object(let members): members.contains { $0.key.contains(secret) || isIn($0.value) }
        case .null, .bool, .integer, .number: false
        }
    }
}
