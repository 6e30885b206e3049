internal import IPAM
internal import IPTypes
internal import JSON
package import Whereabouts

/// The allocations that a report lists, to be released.
package struct ReleaseList: Sendable {
    /// The versions that they had, by their places.
    package let versions: [AllocationPlace: String]
    /// The kind of datastore that the report is of.
    let datastore: String

    /// Reads the text of a report; what it says was released already is left out.
    ///
    /// - Throws: `.configuration`.
    package init(parsing text: [UInt8], of file: String) throws(ReconciliationError) {
        let found: (datastore: String, versions: [AllocationPlace: String])?
        do throws(JSONShapeError) {
            found = try Self.read(JSONObject(parsing: text))
        } catch {
            throw Self.flaw(file, "\(error)")
        }
        guard let found else { throw Self.flaw(file, "it is of another version") }
        (datastore, versions) = found
    }

    /// Reads a report; nil for one of another version, or with what is no address.
    private static func read(
        _ report: JSONObject
    ) throws(JSONShapeError) -> (datastore: String, versions: [AllocationPlace: String])? {
        guard try report.integer("version") == ReconciliationReport.version else { return nil }
        var versions: [AllocationPlace: String] = [:]
        for finding in try report.objects("stranded") {
            guard try finding.string("state") != ReconciliationReport.State.released.rawValue else { continue }
            guard let address = try? IPAddress(finding.string("address")) else { return nil }
            let place = AllocationPlace(domain: try finding.string("domain"), address: address)
            versions[place] = try finding.string("revision")
        }
        return (try report.string("datastore"), versions)
    }

    private static func flaw(_ file: String, _ reason: String) -> ReconciliationError {
        .configuration(
            "--release-from \(file.debugDescription) is no report of this ip-reconciler: \(reason); give one that --report has written"
        )
    }
}
