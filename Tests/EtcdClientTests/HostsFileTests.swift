import Foundation
import IPTypes
import Testing

@testable import EtcdClient

@Suite struct HostsFileTests: ~Copyable {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("hosts-\(UUID().uuidString)").path

    private let table = """
        # A comment.
        127.0.0.1 loop
        10.0.0.5\tetcd-0.example   etcd-0 Etcd # etcd-9
        fd00::5 etcd-0
          10.0.0.6 etcd-1 etcd-0#x
        10.0.0.5 etcd-0 etcd-0
        not-an-address etcd-2
        10.0.0.7
        #10.0.0.8 etcd-3
        10.0.0.9 etcd-4
        """

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    @Test(arguments: [
        ("etcd-0", ["10.0.0.5", "fd00::5", "10.0.0.6"]),
        ("etcd-0.example", ["10.0.0.5"]),
        ("ETCD-0.EXAMPLE", ["10.0.0.5"]),
        ("etcd", ["10.0.0.5"]),
        ("etcd-4", ["10.0.0.9"]),
        ("etcd-9", []),
        ("x", []),
        ("etcd-2", []),
        ("etcd-3", []),
        ("10.0.0.7", []),
        ("", []),
        ("localhost", ["127.0.0.1", "::1"]),
        ("LocalHost", ["127.0.0.1", "::1"]),
    ])
    func nameHasTheAddressesOfTheTable(name: String, addresses: [String]) throws {
        try table.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(HostsFile(path: path).addresses(of: name).map(\.description) == addresses)
    }

    @Test func linesMayEndAsOnOtherSystems() throws {
        try "10.0.0.5 a\r\n10.0.0.6 b\r\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(HostsFile(path: path).addresses(of: "a").map(\.description) == ["10.0.0.5"])
        #expect(HostsFile(path: path).addresses(of: "b").map(\.description) == ["10.0.0.6"])
    }

    @Test func entryForLocalhostCounts() throws {
        try "10.1.1.1 localhost".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(HostsFile(path: path).addresses(of: "localhost").map(\.description) == ["10.1.1.1"])
    }

    @Test func bytesThatAreNotTextDoNoHarm() throws {
        try Data([0xff, 0x00, 0x0a] + Array("10.0.0.5 a".utf8)).write(to: URL(fileURLWithPath: path))
        #expect(HostsFile(path: path).addresses(of: "a").map(\.description) == ["10.0.0.5"])
    }

    @Test func missingFileIsAnEmptyTable() {
        #expect(HostsFile(path: path).addresses(of: "etcd-0").isEmpty)
        #expect(HostsFile(path: path).addresses(of: "localhost").map(\.description) == ["127.0.0.1", "::1"])
    }

    @Test(arguments: [
        (Endpoint(host: "10.0.0.5", port: 1), ["ipv4:10.0.0.5:1"]),
        (Endpoint(host: "fd00::5", port: 2), ["ipv6:[fd00::5]:2"]),
        (Endpoint(host: "FD00:0::5", port: 2), ["ipv6:[fd00::5]:2"]),
        (Endpoint(host: "etcd-0", port: 3), ["ipv4:10.0.0.5:3", "ipv6:[fd00::5]:3", "ipv4:10.0.0.6:3"]),
        (Endpoint(host: "localhost", port: 4), ["ipv4:127.0.0.1:4", "ipv6:[::1]:4"]),
        (Endpoint(host: "elsewhere.example", port: 5), ["dns:///elsewhere.example:5"]),
    ])
    func endpointHasOneTargetForEachAddress(endpoint: Endpoint, targets: [String]) throws {
        try table.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(endpoint.targetNames(hosts: HostsFile(path: path)) == targets)
    }
}
