import EtcdLab
import Foundation
import TestSupport
import Testing

/// A plugin that does one thing wrong, and for the rest what the real one does: a script around it.
struct BrokenPlugin {
    /// What it does wrong.
    enum Fault: String, CaseIterable, CustomTestStringConvertible {
        /// Now and then it gives a container what another one has.
        case givesDuplicates
        /// It removes the record of what it has given.
        case forgetsRecords
        /// It says that it has released, and has not: neither by DEL nor by GC, which would free what DEL has left.
        case leaks
        /// It says that the range is full, and it is not.
        case claimsExhaustion
        /// It gives addresses of no range.
        case goesAstray
        /// It answers an ADD with nothing.
        case saysNothing
        /// It ends before it has read what it is asked.
        case readsNothing
        /// It removes an index key of what it has given.
        case losesIndexKeys
        /// It answers an ADD with what it was asked.
        case printsItsInput

        var testDescription: String { rawValue }
    }

    /// The script's file.
    let path: String

    /// Writes the script into a directory.
    init(_ fault: Fault, in directory: ScratchDirectory) throws {
        path = directory.path("plugin-\(fault.rawValue)")
        let script = """
            #!/bin/bash
            PATH=/usr/bin:/bin
            real='\(Plugin.path)'
            last='\(directory.path("last-\(fault.rawValue)"))'
            # Every fifth container or so is served badly, unless what is wrong shows only in what is stored at the end.
            [[ $(printf %s "$CNI_CONTAINERID" | cksum) == *[05]" "* ]] && bad=1 || bad=
            \(fault == .readsNothing ? "[[ $CNI_COMMAND = ADD && $bad ]] && exit 0" : "")
            input=$(cat)
            call() { printf '%s' "$input" | "$real"; }
            etcd() { ETCDCTL_API=3 etcdctl --endpoints "$(printf %s "$input" | sed -n 's/.*"etcd_host":"\\([^"]*\\)".*/\\1/p')" "$@" >/dev/null; }
            \(Self.action(fault))
            """
        try Data(script.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    private static func action(_ fault: Fault) -> String {
        switch fault {
        case .givesDuplicates:
            """
            if [[ $CNI_COMMAND = ADD ]]; then
                if [[ $bad && -s $last ]]; then cat "$last"; exit 0; fi
                output=$(call); status=$?
                printf '%s\\n' "$output"
                [[ $status = 0 ]] && printf '%s\\n' "$output" >"$last.$$" && mv "$last.$$" "$last"
                exit $status
            fi
            call
            """
        case .forgetsRecords:
            """
            call; status=$?
            if [[ $CNI_COMMAND = ADD && $status = 0 ]]; then
                for kind in attachment/$CNI_CONTAINERID address node pod; do
                    etcd del --prefix "/whereabouts/v1/$kind/"
                done
            fi
            exit $status
            """
        case .leaks:
            """
            [[ $CNI_COMMAND = DEL || $CNI_COMMAND = GC ]] && exit 0
            call
            """
        case .claimsExhaustion:
            """
            if [[ $CNI_COMMAND = ADD && $bad ]]; then
                echo '{"cniVersion":"1.1.0","code":100,"msg":"range full"}'; exit 1
            fi
            call
            """
        case .goesAstray:
            """
            if [[ $CNI_COMMAND = ADD && $bad ]]; then
                call | sed 's/"address":"10\\./"address":"11./'; exit 0
            fi
            call
            """
        case .saysNothing:
            """
            [[ $CNI_COMMAND = ADD && $bad ]] && exit 0
            call
            """
        case .readsNothing: "call"
        case .printsItsInput:
            """
            [[ $CNI_COMMAND = ADD && $bad ]] && { printf '%s\\n' "$input"; exit 0; }
            call
            """
        case .losesIndexKeys:
            """
            call; status=$?
            [[ $CNI_COMMAND = ADD && $status = 0 ]] && etcd del --prefix "/whereabouts/v1/node/"
            exit $status
            """
        }
    }
}
