internal import Foundation

/// How a fixture itself reaches its etcd: with a certificate where it is asked for one, and as root once authentication
/// is on.
struct EtcdAccess {
    let security: EtcdSecurity

    private var isAuthenticated = false

    /// Neither variables of the tests' caller, such as a proxy's, nor a file in his home matter.
    private static let environment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "ETCDCTL_API": "3", "NO_PROXY": "*",
    ]

    init(_ security: EtcdSecurity) {
        self.security = security
    }

    /// Starts curl on a URL of the server, in a network namespace if one is given.
    func curl(_ url: String, in namespace: NetworkNamespace? = nil) throws -> RunningProcess {
        try start(["curl", "-sS", "--max-time", "10"] + security.curlArguments + [url], in: namespace)
    }

    /// Starts etcdctl without a user, in a network namespace if one is given.
    func etcdctl(anonymouslyAt url: String, _ arguments: [String], in namespace: NetworkNamespace? = nil) throws
        -> RunningProcess
    {
        try start(["etcdctl", "--endpoints", url] + security.etcdctlArguments + arguments, in: namespace)
    }

    /// Runs etcdctl to its end, with more patience than it has by itself.
    ///
    /// - Throws: `CommandFailure` when it does not end with status 0.
    @discardableResult
    func etcdctl(at url: String, _ arguments: [String], input: String = "") throws -> String {
        let root = EtcdUser.root
        let user = isAuthenticated ? ["--user", root.name, "--password", root.password ?? ""] : []
        let patience = ["--dial-timeout", "10s", "--command-timeout", "30s"]
        let command =
            ["etcdctl", "--endpoints", url] + patience + security.etcdctlArguments + user + arguments
        return try start(command, input: input).wait().output(of: command)
    }

    /// Makes the root user and those given, each with a role of its own, and turns authentication on.
    mutating func enableAuthentication(_ users: [EtcdUser], at url: String) throws {
        for user in [.root] + users {
            let password = user.password.map { ["--new-user-password", $0] } ?? ["--no-password"]
            try etcdctl(at: url, ["user", "add", user.name] + password)
            guard let role = user.role else { continue }
            try etcdctl(at: url, ["role", "add", role])
            if let permission = user.permission {
                try etcdctl(at: url, ["role", "grant-permission", "--prefix", role] + permission)
            }
            try etcdctl(at: url, ["user", "grant-role", user.name, role])
        }
        try etcdctl(at: url, ["auth", "enable"])
        isAuthenticated = true
    }

    private func start(
        _ command: [String],
        in namespace: NetworkNamespace? = nil,
        input: String = ""
    ) throws -> RunningProcess {
        try RunningProcess(
            "/usr/bin/env",
            namespace?.entering(command) ?? command,
            environment: Self.environment,
            input: Data(input.utf8)
        )
    }
}
