import AllocationHistory
import EtcdLab
import Foundation
import TestSupport

/// The built harness, called as a person calls it.
enum HarnessProgram {
    /// The program.
    static let path = Checkout.root.appendingPathComponent(".build/debug/whereabouts-harness").path

    /// The plugin as it takes another clock.
    static let dynamicPlugin = Checkout.root.appendingPathComponent(".build/debug/whereabouts").path

    /// Calls it and waits for its end; the planted password may show up nowhere.
    static func call(_ arguments: [String], environment: [String: String]? = nil) throws -> RunningProcess.Outcome {
        try RunningProcess(path, arguments, environment: environment, secret: PlantedPassword.text).wait()
    }

    /// The same with arguments that are all known.
    static func call(_ arguments: String..., environment: [String: String]? = nil) throws -> RunningProcess.Outcome {
        try call(arguments, environment: environment)
    }

    /// What a run has written into a directory.
    static func history(_ directory: String) throws -> History {
        try History(json: [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(directory)/history.json"))))
    }
}
