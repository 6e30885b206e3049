import EtcdClient
import IPAM

@testable import Whereabouts

/// Entries of the release journal: what is carried out can be written again, and no time in it is one that a sum overflows with.
enum JournalTarget: FuzzTarget {
    static let name = "journal"

    static func read(_ input: Span<UInt8>) {
        do throws(ReleaseJournal.EntryFault) {
            let entry = try PendingRelease(bytes(input))
            let again = try? PendingRelease(RecordCoding.encode(entry))
            expect(again == entry, "\(entry) reads as another entry")
            let until = Timestamp.secondsNow.addingReportingOverflow(entry.retention)
            expect(!until.overflow && entry.retention >= 0, "\(entry) waits for ever")
            expect(Timestamp.secondsSince1970(entry.time) != nil, "\(entry) has no time")
            _ = KeySpace.attachmentPrefix(entry.attachment)
        } catch {
            // It is set aside, and the log says why.
        }
    }
}
