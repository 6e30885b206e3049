internal import CNI
internal import EtcdClient
internal import Glibc
internal import SystemPackage

// One call of the stand-in as a runtime makes it; it leaves as our plugin does, without a tidying up that nobody needs.
private let dispatcher = CNIDispatcher(about: "upstream stand-in") { _ in StandInPlugin() }
private let outcome = dispatcher.run(environment: ProcessEnvironment.variables) {
    var input: [UInt8] = []
    while let line = readLine(strippingNewline: false) {
        input += line.utf8
    }
    return input
}
try FileDescriptor.standardError.write(all: outcome.standardError)
try FileDescriptor.standardOutput.write(all: outcome.standardOutput)
_exit(outcome.exitStatus)
