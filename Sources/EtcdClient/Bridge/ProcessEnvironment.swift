internal import CGRPCBridge

/// The environment of this process (environ(7)).
package enum ProcessEnvironment {
    /// The variables; of those with the same name the last counts, and bytes that are not UTF-8 become replacement characters.
    package static var variables: [String: String] {
        var variables = [String: String](minimumCapacity: 64)
        guard var entry = unsafe cgb_environment() else { return variables }
        while let text = unsafe entry.pointee {
            let pair = unsafe String(cString: text)
            if let mark = pair.utf8.firstIndex(of: UInt8(ascii: "=")) {
                variables[String(pair[..<mark])] = String(pair[pair.utf8.index(after: mark)...])
            }
            unsafe entry += 1
        }
        return variables
    }
}
