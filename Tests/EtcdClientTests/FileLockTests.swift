internal import EtcdClient
internal import EtcdLab
internal import Foundation
internal import Synchronization
internal import SystemPackage
internal import TestSupport
internal import Testing

@Suite struct FileLockTests {
    private let scratch: ScratchDirectory
    private let path: FilePath

    init() throws {
        scratch = try ScratchDirectory("file-lock")
        path = FilePath(scratch.path("lock"))
    }

    private func turn(patience: Duration = .seconds(600)) -> FileLock.Turn {
        FileLock.exclusively(path, patience: .after(patience)) { $0 }
    }

    @Test func whoComesAloneHasItAtOnce() {
        #expect(turn() == .atOnce)
        #expect(turn() == .atOnce)
    }

    @Test func oneAtATimeHasIt() throws {
        let path = path
        let inside = Mutex((now: 0, most: 0))
        let calls = (0..<8).map { _ in
            BackgroundCall {
                FileLock.exclusively(path, patience: .after(.seconds(600))) { turn in
                    inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                    Thread.sleep(forTimeInterval: 0.02)
                    inside.withLock { $0.now -= 1 }
                    return turn
                }
            }
        }
        let turns = try calls.map { try $0.value() }
        #expect(inside.withLock(\.most) == 1)
        #expect(turns.allSatisfy { $0 == .atOnce || $0 == .afterOthers })
        #expect(turns.contains(.afterOthers))
    }

    @Test func patienceEndsWhileSomebodyHasIt() {
        let other = FileLock.exclusively(path, patience: .after(.seconds(600))) { _ in
            turn(patience: .milliseconds(20))
        }
        #expect(other == .outOfPatience)
    }

    @Test func aKilledProcessLetsGoOfIt() throws {
        let script = "exec 9>\(path.string) && flock 9 && exec sleep 600"
        let holder = try ServerProcess("/bin/sh", ["-c", script], log: scratch.path("log"))
        while turn(patience: .zero) != .outOfPatience {
            #expect(holder.isRunning)
            Thread.sleep(forTimeInterval: 0.01)
        }
        holder.kill()
        #expect(turn(patience: .seconds(60)) != .outOfPatience)
    }

    @Test func whatCantBeMadeIsToldAndNobodyIsHeldUp() throws {
        let missing = FilePath(scratch.path("missing/lock"))
        #expect(
            FileLock.exclusively(missing, patience: .after(.seconds(600))) { $0 }
                == .unavailable(.noSuchFileOrDirectory)
        )
    }
}
