import Foundation
import TestSupport

extension EtcdServer {
    /// Freezes the server and waits until each of its threads stands still.
    func freezeAndWait() throws {
        freeze()
        let tasks = "/proc/\(processIdentifier)/task"
        while try !FileManager.default.contentsOfDirectory(atPath: tasks).allSatisfy({ task in
            // proc(5): the state stands behind the name, which is in parentheses.
            let state = try? String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8)
            return state?.contains(") T ") ?? true
        }) {
            Thread.sleep(forTimeInterval: 0.001)
        }
    }
}
