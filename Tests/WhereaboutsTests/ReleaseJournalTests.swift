import EtcdClient
import EtcdLab
import Foundation
import IPAM
import TestSupport
import Testing

@testable import Whereabouts

/// The journal's files.
@Suite struct ReleaseJournalTests {
    let scratch: ScratchDirectory
    let journal: ReleaseJournal

    init() throws {
        scratch = try ScratchDirectory("journal")
        // Two levels that are not there yet.
        journal = ReleaseJournal(directory: scratch.path("whereabouts/releases"))
    }

    private func release(_ container: String, etcd: String = "127.0.0.1:1") throws -> PendingRelease {
        PendingRelease(
            Attachment(containerID: container, interfaceName: "eth0"),
            network: "lab",
            time: NodeMoment(time: "2026-01-01T00:00:00Z"),
            store: PendingStore(EtcdConfiguration(endpoints: try Endpoint.list(etcd)))
        )
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func anEntryIsReadAsItWasWrittenUntilItIsRemoved() throws {
        #expect(!journal.mayHaveEntries)
        let release = try release("c1")
        try journal.append(release)
        #expect(journal.mayHaveEntries)
        let name = try #require(try journal.names().first)
        #expect(try journal.entry(name) == release)
        try journal.remove(name)
        #expect(try journal.entry(name) == nil)
        #expect(!journal.mayHaveEntries)
        #expect(try journal.names().isEmpty)
        // Twice is no error: another process may have been faster.
        try journal.remove(name)
    }

    @Test func entriesAreFoundByTheirAttachment() throws {
        for container in ["c1", "c2", "c1"] { try journal.append(release(container)) }
        #expect(try journal.names().count == 3)
        for (interface, count) in [("eth0", 2), ("net1", 0)] {
            let attachment = Attachment(containerID: "c1", interfaceName: interface)
            #expect(try journal.names(of: attachment).count == count)
            #expect(journal.mayHaveEntries(of: attachment) == (count > 0))
        }
    }

    @Test func nobodyElseMayReadOrWriteIt() throws {
        try journal.append(release("c1"))
        #expect(try mode(journal.directory) == 0o700)
        let name = try #require(try journal.names().first)
        #expect(try mode("\(journal.directory)/pending") == 0o700)
        #expect(try mode("\(journal.directory)/pending/\(name)") == 0o600)
    }

    @Test func aDirectoryThatOthersMayUseIsRefused() throws {
        try FileManager.default.createDirectory(
            atPath: journal.directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755]
        )
        let error = #expect(throws: JournalError.self) { try journal.append(release("c1")) }
        for part in [journal.directory, "0755", "release_journal"] {
            #expect(error?.description.contains(part) == true)
        }
        #expect(throws: JournalError.self) { try journal.names() }
        #expect(!journal.mayHaveEntries)
    }

    @Test func aFileInItsPlaceIsRefused() throws {
        let file = scratch.path("file")
        try Data().write(to: URL(fileURLWithPath: file))
        for directory in [file, file + "/below"] {
            let error = #expect(throws: JournalError.self) {
                try ReleaseJournal(directory: directory).append(release("c1"))
            }
            #expect(error?.description.contains(directory) == true)
            #expect(!ReleaseJournal(directory: directory).mayHaveEntries)
        }
    }

    @Test func whatIsNoEntryIsDamaged() throws {
        try journal.append(release("c1"))
        let pending = journal.directory + "/pending/"
        let encoded = try #require(FileManager.default.contents(atPath: pending + journal.names()[0]))
        var texts = [
            "", "garbage", "{}", String(decoding: encoded.dropLast(3), as: UTF8.self),
            String(decoding: encoded, as: UTF8.self).replacing("\"version\":1", with: "\"version\":2"),
            String(repeating: " ", count: 70_000) + String(decoding: encoded, as: UTF8.self),
        ]
        let nonsense = [
            (#""retain":0"#, #""retain":9223372036854775807"#), (#""retain":0"#, #""retain":31536001"#),
            (#""retain":0"#, #""retain":-1"#), (#""retain":0"#, #""retain":1.5"#),
            (#""containerID":"c1""#, #""containerID":"" "#), (#""interface":"eth0""#, #""interface":"" "#),
            ("2026-01-01T00:00:00Z", "2026-01-01 00:00:00"), ("2026-01-01T00:00:00Z", ""),
            (#""etcd":["127.0.0.1 port 1"]"#, #""etcd":[]"#), (#""prefix":"/whereabouts/v1/""#, #""prefix":"" "#),
        ]
        for (sense, nonsense) in nonsense {
            let text = String(decoding: encoded, as: UTF8.self)
            #expect(text.contains(sense), "\(text)")
            texts.append(text.replacing(sense, with: nonsense))
        }
        for (index, text) in texts.enumerated() {
            try Data(text.utf8).write(to: URL(fileURLWithPath: pending + "bad\(index)"))
        }
        try FileManager.default.createDirectory(
            atPath: pending + "bad\(texts.count)",
            withIntermediateDirectories: false
        )
        try FileManager.default.createSymbolicLink(atPath: pending + "bad\(texts.count + 1)", withDestinationPath: "x")
        for index in 0..<(texts.count + 2) {
            let fault = #expect(throws: ReleaseJournal.EntryFault.self, "\(index)") {
                try journal.entry("bad\(index)")
            }
            guard case .damaged? = fault else {
                Issue.record("\(index): \(String(describing: fault))")
                continue
            }
            let path = try journal.setAside("bad\(index)")
            #expect(path.hasPrefix(journal.directory + "/set-aside/"))
        }
        #expect(try journal.names().count == 1)
    }

    @Test func anEntryWithoutRetentionWaitsForNobody() throws {
        try journal.append(release("c1"))
        let name = try #require(try journal.names().first)
        let path = "\(journal.directory)/pending/\(name)"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let older = text.replacing(#""retain":0,"#, with: "")
        #expect(older != text)
        try Data(older.utf8).write(to: URL(fileURLWithPath: path))
        #expect(try journal.entry(name) == release("c1"))
    }

    @Test func whatAWriterLeftUnfinishedIsNoEntryAndGoesAfterAnHour() throws {
        try journal.append(release("c1"))
        let pending = journal.directory + "/pending/"
        for name in ["new.part", "old.part"] {
            try Data("{".utf8).write(to: URL(fileURLWithPath: pending + name))
        }
        let old = Date.now.addingTimeInterval(-7200)
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: pending + "old.part")
        #expect(try journal.names().count == 1)
        journal.removeUnfinished()
        #expect(FileManager.default.fileExists(atPath: pending + "new.part"))
        #expect(!FileManager.default.fileExists(atPath: pending + "old.part"))
    }

    @Test func writersAndThoseWhoFindItEmptyDoNotHinderEachOther() throws {
        let journal = journal
        let releases = try (0..<200).map { try release("c\($0)") }
        let looking = BackgroundCall { () -> Int in
            var removed = 0
            while removed < 200 {
                guard journal.mayHaveEntries else {
                    Thread.sleep(forTimeInterval: 0.0002)
                    continue
                }
                for name in try journal.names() {
                    try journal.remove(name)
                    removed += 1
                }
            }
            return removed
        }
        for release in releases { try journal.append(release) }
        #expect(try looking.value() == 200)
    }

    @Test func anEntryIsMeantForAClusterWithOneEndpointInCommon() throws {
        let release = try release("c1", etcd: "a:1,https://B:2,[fd00::1]:3")
        for (text, isMeant) in [("a:1", true), ("http://b:2,x:9", true), ("[fd00::1]:3", true), ("a:2,b:1", false)] {
            let etcd = EtcdConfiguration(endpoints: try Endpoint.list(text))
            #expect(release.store.isThat(of: .etcd(etcd)) == isMeant, "\(text)")
        }
    }

    @Test func theLockIsOneProcessesAtATime() throws {
        try journal.append(release("c1"))
        let journal = journal
        let outcome = try journal.exclusively(patience: .now) {
            try? journal.exclusively(patience: .after(.milliseconds(20))) { 2 } ?? 1
        }
        #expect(outcome == 1)
        #expect(try journal.exclusively(patience: .now) { 3 } == 3)
    }
}
