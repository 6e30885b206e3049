internal import CHTTPBridge
internal import EtcdClient
internal import Glibc

/// The addresses of names, by the host's file and DNS.
enum NameLookup {
    /// A name that was not found, and why in c-ares' words.
    struct Failure: Error {
        let reason: String
    }

    /// The IP addresses of a name, at least one, IPv4 first.
    static func addresses(of name: String, deadline: Deadline) throws(Failure) -> [String] {
        var failure: UnsafeMutablePointer<CChar>?
        guard let text = unsafe chb_resolve(name, deadline.nanoseconds, &failure) else {
            defer { unsafe free(failure) }
            throw unsafe Failure(reason: failure.map { unsafe String(cString: $0) } ?? "")
        }
        defer { unsafe free(text) }
        let addresses = unsafe String(cString: text).split(separator: "\n").map(String.init)
        guard !addresses.isEmpty else { throw Failure(reason: "it has no address") }
        return addresses
    }
}
