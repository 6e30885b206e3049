internal import EtcdClient
internal import SystemPackage

/// The name of the node that this program runs on, as records carry it.
enum NodeName {
    /// The name as far as this machine tells it.
    ///
    /// That is the first of: NODENAME in the environment, the file "nodename" in the configuration directory,
    /// /etc/hostname, and the kernel's host name. Empty when there is none of them.
    static func find(environment: [String: String], configurationDirectory: String?) -> String {
        if let name = environment["NODENAME"], !name.isEmpty { return name }
        let files = [configurationDirectory.map { $0 + "/nodename" }, "/etc/hostname", "/proc/sys/kernel/hostname"]
        for file in files.compactMap({ $0 }) {
            guard let contents = try? FileDescriptor.contents(of: FilePath(file)) else { continue }
            let name = String(decoding: contents, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
            if let name { return String(name) }
        }
        return ""
    }
}
