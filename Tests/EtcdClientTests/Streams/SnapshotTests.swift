import EtcdLab
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import EtcdClient

@Suite(.timeLimit(.minutes(15))) final class SnapshotTests {
    private let server: EtcdServer
    private let folder: URL
    private var path: FilePath { FilePath(folder.appendingPathComponent("snapshot.db").path) }

    init() throws {
        server = try EtcdServer()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("snapshot-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }

    /// Some megabytes of keys.
    private func fill() throws {
        let client = try server.client()
        for number in 0..<40 {
            let value = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
            try client.put(PutRequest(Key("snapshot/\(number)"), value), deadline: .far)
        }
    }

    @Test func snapshotIsWholeAndAnotherServerStartsFromIt() throws {
        try fill()
        let client = try server.client()
        let before = try client.range(RangeRequest(.prefix("")), deadline: .far)
        var steps: [SnapshotProgress] = []
        try Data("old".utf8).write(to: URL(fileURLWithPath: path.string))
        try client.maintenance.snapshot(toFile: path, deadline: .far) { steps.append($0) }
        #expect(try files() == ["snapshot.db"])

        let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let size = try #require(attributes[.size] as? UInt64)
        #expect(size > 4_000_000)
        #expect(steps.count > 10)
        #expect(steps.last == SnapshotProgress(written: size, remaining: 0))
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.written < $1.written && $0.remaining >= $1.remaining })

        // It checks the SHA-256 at the end.
        let status = try RunningProcess.run("etcdctl", "snapshot", "status", path.string)
        #expect(status.contains("\(before.header?.revision ?? 0), "))
        let data = folder.appendingPathComponent("data").path
        try RunningProcess.run("etcdctl", "snapshot", "restore", path.string, "--data-dir", data)

        let restored = try EtcdServer(arguments: ["--force-new-cluster", "--data-dir", data])
        let after = try restored.client().range(RangeRequest(.prefix("")), deadline: .far)
        #expect(after.keyValues == before.keyValues)
    }

    @Test(arguments: [0, 1, 300_000, 2_000_000])
    func brokenDownloadIsBegunAnewOrLeavesNothing(cut: UInt64) throws {
        try fill()
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let client = try EtcdClient(.hasty(proxy.endpoint))
        var isCut = false
        try client.maintenance.snapshot(toFile: path, deadline: .far) { progress in
            if !isCut, progress.written > cut {
                isCut = true
                proxy.cut(then: .forward)
            }
        }
        #expect(try files() == ["snapshot.db"])
        try RunningProcess.run("etcdctl", "snapshot", "status", path.string)
        let good = try Data(contentsOf: URL(fileURLWithPath: path.string))

        isCut = false
        let error = try #require(throws: EtcdError.self) {
            try client.maintenance.snapshot(toFile: path, deadline: .far) { progress in
                if !isCut, progress.written > cut {
                    isCut = true
                    proxy.cut(then: .close)
                }
            }
        }
        #expect(error.code == .unreachable)
        // What was there is there still.
        #expect(try files() == ["snapshot.db"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path.string)) == good)
    }

    @Test func deadlineEndsASnapshotThatDoesNotCome() throws {
        try server.freezeAndWait()
        defer { server.thaw() }
        let client = try server.client()
        let error = try #require(throws: EtcdError.self) {
            try client.maintenance.snapshot(toFile: path, deadline: .after(.milliseconds(200)))
        }
        #expect(error.code == .timedOut || error.code == .unreachable)
        #expect(try files().isEmpty)
    }

    @Test func fileThatCantBeWrittenIsNamed() throws {
        let client = try server.client()
        let missing = FilePath(folder.appendingPathComponent("missing/snapshot.db").path)
        let error = try #require(throws: EtcdError.self) {
            try client.maintenance.snapshot(toFile: missing, deadline: .far)
        }
        #expect(error.code == .file(errno: ENOENT))
        #expect(error.description.contains(missing.string))

        // A folder can't be replaced by a file: the last step fails.
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
        let occupied = try #require(throws: EtcdError.self) {
            try client.maintenance.snapshot(toFile: path, deadline: .far)
        }
        #expect(occupied.code == .file(errno: EISDIR))
        #expect(try files() == ["snapshot.db"])
    }

    @Test func fullDiskLeavesNothing() throws {
        try fill()
        // A file system of one megabyte.
        guard getuid() == 0 else { return }
        let disk = folder.appendingPathComponent("disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: false)
        try RunningProcess.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.path)
        defer { _ = try? RunningProcess.run("umount", disk.path) }
        let full = FilePath(disk.appendingPathComponent("snapshot.db").path)
        let error = try #require(throws: EtcdError.self) {
            try server.client().maintenance.snapshot(toFile: full, deadline: .far)
        }
        #expect(error.code == .file(errno: ENOSPC))
        #expect(error.attempts.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
    }

    /// Pieces that do not add up.
    enum Damage: CaseIterable {
        case tooShort, tooLong, wrongByte, wrongDigest, nothing
    }

    @Test(arguments: Damage.allCases)
    func damagedSnapshotIsFound(damage: Damage) {
        let bytes = [UInt8](repeating: 7, count: 1000)
        let running = RunningSHA256()
        running.update(bytes[...])
        let digest = running.digest
        func finding(_ blobs: [[UInt8]], announced: UInt64) -> String? {
            var check = SnapshotCheck()
            var remaining = announced
            for blob in blobs {
                remaining = remaining > UInt64(blob.count) ? remaining - UInt64(blob.count) : 0
                check.take(SnapshotMessage(header: nil, remaining: remaining, blob: blob))
            }
            return check.finding
        }
        #expect(finding([Array(bytes[..<600]), Array(bytes[600...]), digest], announced: 1000) == nil)
        let wrong = Array(bytes.dropLast()) + [8]
        switch damage {
        case .tooShort: #expect(finding([Array(bytes[..<600]), digest], announced: 1000) != nil)
        case .tooLong: #expect(finding([bytes, [1], digest], announced: 1000) != nil)
        case .wrongByte: #expect(finding([wrong, digest], announced: 1000) != nil)
        case .wrongDigest: #expect(finding([bytes, digest.reversed()], announced: 1000) != nil)
        case .nothing: #expect(finding([], announced: 0) != nil)
        }
    }
}
