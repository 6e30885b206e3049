internal import AllocationHistory
internal import EtcdClient
internal import JSON
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// Calls the plugin as a process, and writes down how each call ends.
struct PluginRunner: Sendable {
    /// How long a call may take before it is ended, and counts as one that did not end by itself.
    private static let limit = Duration.seconds(150)

    /// The plugin's file.
    let plugin: String
    /// What must not show up in what the plugin prints.
    let secret: SoughtSecret?
    /// Where a call's input lies for a moment.
    let directory: String
    let recorder: Recorder

    /// One call, as a runtime makes it.
    struct Order: Sendable {
        var verb: Verb
        var node: SimulatedNode
        var network: SimulatedNetwork
        /// The indices of the network's ranges in the history.
        var ranges: [Int] = []
        var attachment = CallAttachment(container: "", interface: "")
        var pod: String?
        /// With GC, the attachments that the node's runtime knows.
        var valid: [CallAttachment]?
        /// With CHECK, what the ADD returned.
        var previousResult: JSONValue?
        /// What ends the process in the midst.
        var interruption: Interruption?
    }

    /// A signal to the process, some time behind its start.
    struct Interruption: Sendable {
        enum Kind: Sendable {
            case kill
            case terminate
        }

        let kind: Kind
        let delay: Duration

        fileprivate var signal: Signal {
            switch kind {
            case .kill: .kill
            case .terminate: .terminate
            }
        }
    }

    /// How a call ended, and what an ADD returned.
    struct Answer: Sendable {
        let outcome: CallOutcome
        let result: JSONValue?
    }

    /// Makes a call.
    func call(_ order: Order) async -> Answer {
        let number = recorder.number()
        let start = recorder.now
        let answer = await answer(order)
        recorder.note(
            Call(
                number: number,
                verb: order.verb,
                node: order.node.name,
                network: order.network.name,
                attachment: order.attachment,
                // Others go by containers alone.
                pod: order.network.isForeign ? nil : order.pod,
                ranges: order.verb == .add ? order.ranges : [],
                validAttachments: order.valid,
                start: start,
                end: recorder.now,
                outcome: answer.outcome
            )
        )
        return answer
    }

    private func answer(_ order: Order) async -> Answer {
        let running = Task { try await run(order) }
        let watch = Task {
            try await Task.sleep(for: Self.limit)
            running.cancel()
        }
        defer { watch.cancel() }
        do {
            return try await running.value
        } catch {
            guard running.isCancelled else {
                return Answer(outcome: .malformed("the plugin can't be run: \(error)"), result: nil)
            }
            return Answer(outcome: .unfinished(afterMilliseconds: Int(Self.limit / .milliseconds(1))), result: nil)
        }
    }

    private func run(_ order: Order) async throws -> Answer {
        var members: [String: JSONValue] = [:]
        if let valid = order.valid {
            members["cni.dev/valid-attachments"] = .array(
                valid.map { .object(["containerID": .string($0.container), "ifname": .string($0.interface)]) }
            )
        }
        members["prevResult"] = order.previousResult
        let input = try file(of: order.network.configuration(order.node, beside: members))
        let process = Mutex<Int32?>(nil)
        defer {
            if let number = process.withLock({ $0 }) { order.node.clock?.removeTraces(of: number) }
        }
        let result = try await Subprocess.run(
            .path(FilePath(plugin)),
            environment: .custom(environment(order)),
            input: .fileDescriptor(input, closeAfterSpawningProcess: true),
            output: .bytes(limit: 1 << 20),
            error: .bytes(limit: 1 << 20)
        ) { execution in
            process.withLock { $0 = execution.processIdentifier.value }
            guard let interruption = order.interruption else { return }
            try await Task.sleep(for: interruption.delay)
            // It may have ended by itself.
            try? execution.send(signal: interruption.signal)
        }
        let output = String(decoding: result.standardOutput, as: UTF8.self)
        let errors = String(decoding: result.standardError, as: UTF8.self)
        if let secret, let evidence = secret.evidence(in: output + errors) {
            return Answer(outcome: .leaked(evidence), result: nil)
        }
        switch result.terminationStatus {
        case .exited(let code):
            return answer(order, status: code, output, errors)
        case .signaled(let signal):
            // An interrupt from a terminal is for the plugin too.
            guard order.interruption != nil || Task.isCancelled || EarlyEnd.requested != nil else {
                return Answer(outcome: .malformed("ended by signal \(signal): \(output)\(errors)"), result: nil)
            }
            return Answer(outcome: .killed(signal: Int(signal)), result: nil)
        }
    }

    /// A file that holds a call's input and has no name.
    ///
    /// Not a pipe: a plugin that ends before it has read everything must cost nobody anything.
    private func file(of input: [UInt8]) throws -> FileDescriptor {
        let path = FilePath("\(directory)/input-\(UInt64.random(in: 0 ... .max))")
        let file = try FileDescriptor.open(
            path,
            .readWrite,
            options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: .ownerReadWrite
        )
        do {
            try path.remove()
            try file.writeAll(input)
            try file.seek(offset: 0, from: .start)
            return file
        } catch {
            try? file.close()
            throw error
        }
    }

    private func environment(_ order: Order) -> [Environment.Key: String] {
        let command: String
        switch order.verb {
        case .add: command = "ADD"
        case .delete: command = "DEL"
        case .check: command = "CHECK"
        case .collect: command = "GC"
        case .status: command = "STATUS"
        }
        var variables: [Environment.Key: String] = [
            "CNI_COMMAND": command, "CNI_CONTAINERID": order.attachment.container,
            "CNI_IFNAME": order.attachment.interface, "CNI_NETNS": "/var/run/netns/none", "CNI_PATH": "/opt/cni/bin",
            "NODENAME": order.node.name,
        ]
        for (key, value) in order.node.clock?.environment ?? [:] {
            variables[Environment.Key(stringLiteral: key)] = value
        }
        if let pod = order.pod {
            let parts = pod.split(separator: "/")
            variables["CNI_ARGS"] = "IgnoreUnknown=1;K8S_POD_NAMESPACE=\(parts[0]);K8S_POD_NAME=\(parts[1])"
        }
        return variables
    }

    private func answer(_ order: Order, status: Int32, _ output: String, _ errors: String) -> Answer {
        let json = try? JSONValue(parsing: Array(output.utf8))
        guard case .object(let object)? = json else {
            guard status == 0, order.verb != .add, output.isEmpty else {
                return Answer(outcome: .malformed("status \(status): \(output)\(errors)"), result: nil)
            }
            return Answer(outcome: .succeeded(addresses: []), result: nil)
        }
        if case .integer(let code)? = object["code"], case .string(let message)? = object["msg"] {
            guard status != 0 else {
                return Answer(outcome: .malformed("status 0 with an error: \(output)"), result: nil)
            }
            var text = message
            if case .string(let details)? = object["details"] { text += ": \(details)" }
            return Answer(outcome: .failed(code: Int(code), message: text), result: nil)
        }
        guard status == 0, case .array(let ips)? = object["ips"] else {
            return Answer(outcome: .malformed("status \(status): \(output)\(errors)"), result: nil)
        }
        var addresses: [HistoryAddress] = []
        for ip in ips {
            guard case .object(let entry) = ip, case .string(let address)? = entry["address"],
                let plain = address.split(separator: "/").first
            else {
                return Answer(outcome: .malformed("an entry of ips without an address: \(output)"), result: nil)
            }
            addresses.append(HistoryAddress(domain: order.network.domain, address: String(plain)))
        }
        return Answer(outcome: .succeeded(addresses: addresses), result: json)
    }
}
