import JSON

@testable import CNI

/// A password that is put into inputs, and must not be seen in anything that comes of them.
enum PlantedPassword {
    static let text = "pLaNtEd-pAsSwOrD"

    /// Runs a function on an input as it is, and with the password in it, where the text's first object begins.
    static func check(_ target: (some FuzzTarget).Type, _ json: [UInt8], _ shown: ([UInt8]) -> String) {
        var planted = json
        if let brace = json.firstIndex(of: UInt8(ascii: "{")) {
            planted.insert(contentsOf: Array(#""etcd_password":"\#(text)","#.utf8), at: brace + 1)
        }
        for input in [json, planted] {
            let shown = shown(input)
            target.expect(!shown.contains(text), "the password can be read: \(shown)")
        }
    }

    /// A network configuration with the password in the place where it belongs, and where it may be put by mistake.
    ///
    /// None names another file to be read.
    static func variants(of configuration: JSONValue) -> [JSONValue] {
        guard case .object(var members) = configuration, case .object(var ipam) = configuration.member("ipam") else {
            return [configuration]
        }
        members = members.filter { $0.key.lowercased() != "ipam" }
        ipam = ipam.filter { $0.key.lowercased() != "configuration_path" }
        var host = ""
        if case .string(let text) = ipam["etcd_host"] { host = text }
        let passwords: [(key: String, value: JSONValue)] = [
            ("etcd_password", .string(text)), ("etcd_password", .array([.string(text)])),
            ("etcd_password", .object([text: .null, "": .string(text)])),
            ("etcd_host", .string("root:\(text)@\(host)")),
            ("etcd_host", .string("https://root:\(text)@\(host)")),
        ]
        return [.object(members.merging(["ipam": .object(ipam)]) { $1 })]
            + passwords.map { key, value in
                var changed = ipam.filter { $0.key.lowercased() != key }
                changed[key] = value
                return .object(members.merging(["ipam": .object(changed)]) { $1 })
            }
    }
}
