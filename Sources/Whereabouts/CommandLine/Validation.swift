internal import CNI
internal import EtcdClient
internal import JSON

/// The check of a configuration ahead of any pod: what a call of the plugin would load and read, without a datastore.
struct Validation {
    let loader: ConfigurationLoader
    /// Where the document comes from, as messages call it.
    let source: String

    /// Checks every configuration of a document that whereabouts would be called with.
    ///
    /// A configuration that stands alone is meant for it whatever its `ipam` says; of a list those count that name it.
    ///
    /// - Returns: The effective configurations on stdout, or, if one is bad, nothing there and every error on stderr.
    func run(_ document: [UInt8]) -> ProcessOutcome {
        var outcome = ProcessOutcome()
        var effective: [EffectiveConfiguration] = []
        do throws(CNIError) {
            let entries = try NetworkConfigurationDocument(parsing: document).entries
                .filter { $0.index == nil || $0.ipamType == "whereabouts" }
            guard !entries.isEmpty else {
                throw CNIError(.invalidConfiguration, "no plugin of the list has the IPAM type \"whereabouts\"")
            }
            for entry in entries {
                let place = source + (entry.index.map { ": plugins[\($0)]" } ?? "")
                do throws(CNIError) {
                    let checked = try check(entry)
                    effective.append(checked)
                    for note in checked.notes {
                        outcome.report("note: \(note)", at: place)
                    }
                } catch {
                    outcome.fail("\(error)" + Self.guess(document), at: place)
                }
            }
        } catch {
            outcome.fail("\(error)" + Self.guess(document), at: source)
        }
        if outcome.exitStatus == 0 {
            outcome.standardOutput = EffectiveConfiguration.text(effective)
        }
        return outcome
    }

    private func check(_ entry: NetworkConfigurationDocument.Entry) throws(CNIError) -> EffectiveConfiguration {
        let invocation = try entry.invocation()
        let resolved = try loader.resolved(invocation)
        let notes = try resolved.checkFiles()
        return EffectiveConfiguration(resolved, of: invocation, index: entry.index, notes: notes)
    }

    /// What a document that is no network configuration may be, as the rest of a line; empty when there is no telling.
    private static func guess(_ document: [UInt8]) -> String {
        let manifest =
            "; this looks like the manifest of a NetworkAttachmentDefinition: give the text of its spec.config"
        guard let json = try? JSONValue(parsing: document), case .object(let members) = json else {
            return String(decoding: document, as: UTF8.self).contains("NetworkAttachmentDefinition") ? manifest : ""
        }
        if json.member("kind") == .string("NetworkAttachmentDefinition") { return manifest }
        let names = Set(members.keys.map { $0.lowercased() })
        guard names.isDisjoint(with: ["ipam", "plugins"]) else { return "" }
        // The others are keys of network configurations too.
        guard !names.isDisjoint(with: WireConfiguration.knownKeys.subtracting(["type", "dns", "addresses"])) else {
            return ""
        }
        return "; this looks like a flat file: give a network configuration, with which it is read"
    }
}

extension ProcessOutcome {
    /// Adds a line for people.
    fileprivate mutating func report(_ message: String, at place: String) {
        let line = "whereabouts: \(place): \(message)".split(whereSeparator: \.isNewline).joined(separator: " ")
        standardError += Array("\(line)\n".utf8)
    }

    /// Adds the line of an error.
    fileprivate mutating func fail(_ message: String, at place: String) {
        report(message, at: place)
        exitStatus = 1
    }
}
