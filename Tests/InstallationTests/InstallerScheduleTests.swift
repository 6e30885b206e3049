import EtcdLab
import Foundation
import Reconciliation
import Testing

/// The installer takes the schedules that ip-reconciler takes, and refuses the others in its words.
@Suite(.timeLimit(.minutes(10))) struct InstallerScheduleTests {
    private func expectTheSameOfBoth(_ text: String, _ root: HostRoot) throws {
        let outcome = try root.install([
            "WHEREABOUTS_ETCD_HOST": "10.0.0.5:2379", "WHEREABOUTS_RECONCILER_CRON": text,
        ])
        var flaw: CronExpression.Flaw?
        do throws(CronExpression.Flaw) {
            _ = try CronExpression(text)
        } catch {
            flaw = error
        }
        guard let flaw else {
            #expect(outcome.status == 0, "\(text): \(outcome)")
            #expect(try root.flatFile()["reconciler_cron_expression"] as? String == text)
            return
        }
        #expect(outcome.status == 1, "\(text): \(flaw)")
        #expect(outcome.errors == "install-cni: WHEREABOUTS_RECONCILER_CRON: \"\(text)\" \(flaw)\n")
    }

    @Test(
        arguments: InstallerShell.allCases,
        [
            "30 4 * * *", "@daily", "@Weekly", "@never", " @daily", "30 4 * *", "0 30 4 * * *", "60 4 * * *",
            "0 24 * * *",
            "0 0 0 * *", "0 0 32 * *", "0 0 * 13 *", "0 0 * * 8", "0 0 * * 7", "0 0 * foo *", "*/0 * * * *",
            "*/x * * * *",
            "1/-2 * * * *", "1/2/3 * * * *", "1-2-3 * * * *", "5-1 * * * *", "*/5,7,20-30/2 * * * *", "1,,2 * * * *",
            "1, * * * *", "- * * * *", "/ * * * *", "** * * * *", "08 09 * * *", "0 0 30 2 *", "0 0 30 2 mon",
            "0 0 30 2 */2", "0 0 31/1 apr,JUN *", "0 0 31 apr-jul *", "0 0 29 feb *", "? ? ? ? ?",
            "* * * jan-mar MON-fri",
            "* * * * $(id)", "  1  2 3 4   5 ",
        ]
    ) func schedules(shell: InstallerShell, text: String) throws {
        try expectTheSameOfBoth(text, HostRoot(shell))
    }

    @Test(arguments: InstallerShell.allCases) func schedulesByChance(shell: InstallerShell) throws {
        let root = try HostRoot(shell)
        var random = SplitMix64(seed: 7)
        let atoms = [
            "*", "?", "0", "1", "2", "5", "7", "12", "23", "29", "30", "31", "59", "60", "-1", "", "feb", "Mon", "sat",
        ]
        for _ in 0..<60 {
            let fields = (0..<(Int.random(in: 0..<10, using: &random) == 0 ? 4 : 5)).map { _ in
                var field = atoms.randomElement(using: &random) ?? "*"
                for joint in ["-", "/", ","] where Int.random(in: 0..<6, using: &random) == 0 {
                    field += joint + (atoms.randomElement(using: &random) ?? "*")
                }
                return field.isEmpty ? "*" : field
            }
            try expectTheSameOfBoth(fields.joined(separator: " "), root)
        }
    }
}
