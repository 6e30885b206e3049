internal import EtcdClient
internal import SystemPackage

/// Where the programs beside the plugin tell people what came of their arguments.
package enum StandardStreams {
    /// Writes a text to stdout, or to stderr where it tells of an error; what nobody takes is lost.
    package static func say(_ text: String, isError: Bool) {
        let descriptor = isError ? FileDescriptor.standardError : FileDescriptor.standardOutput
        try? descriptor.write(all: Array(text.utf8))
    }
}
