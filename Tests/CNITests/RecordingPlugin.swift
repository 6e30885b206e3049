import CNI

/// A plugin which writes down how it is called, and answers what it is told to.
final class RecordingPlugin: CNIPlugin {
    enum Call: Hashable {
        case make(CNIInvocation)
        case add
        case delete
        case check(CNIResult)
        case garbageCollect([CNIAttachment]?)
        case status
    }

    private(set) var calls: [Call] = []
    private let answer: Result<CNIResult, CNIError>

    init(answer: Result<CNIResult, CNIError> = .success(CNIResult())) {
        self.answer = answer
    }

    /// Runs a dispatcher over this plugin, as a process would.
    func run(
        _ environment: [String: String],
        standardInput: () throws(CNIError) -> [UInt8]
    ) -> ProcessOutcome {
        let dispatcher = CNIDispatcher(about: "double 1.2.3") { invocation throws(CNIError) in
            self.calls.append(.make(invocation))
            return self
        }
        return dispatcher.run(environment: environment, standardInput: standardInput)
    }

    func run(_ environment: [String: String], _ standardInput: String) -> ProcessOutcome {
        run(environment) { () throws(CNIError) in Array(standardInput.utf8) }
    }

    func add(_ invocation: CNIInvocation) throws(CNIError) -> CNIResult {
        calls.append(.add)
        return try answer.get()
    }

    func delete(_ invocation: CNIInvocation) throws(CNIError) {
        calls.append(.delete)
        _ = try answer.get()
    }

    func check(_ invocation: CNIInvocation, previousResult: CNIResult) throws(CNIError) {
        calls.append(.check(previousResult))
        _ = try answer.get()
    }

    func garbageCollect(_ invocation: CNIInvocation, validAttachments: [CNIAttachment]?) throws(CNIError) {
        calls.append(.garbageCollect(validAttachments))
        _ = try answer.get()
    }

    func status(_ invocation: CNIInvocation) throws(CNIError) {
        calls.append(.status)
        _ = try answer.get()
    }
}
