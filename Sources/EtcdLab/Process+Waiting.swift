internal import Foundation

extension Process {
    /// Waits for the process's end, and notices it at once.
    ///
    /// `waitUntilExit` by itself looks every 50 ms only; without it, or with a termination handler instead, the object
    /// stays for good and keeps its files open (Swift 6.3.1 on Linux).
    func waitUntilEnded() {
        while isRunning {
            Thread.sleep(forTimeInterval: 0.001)
        }
        waitUntilExit()
    }
}
