import Foundation
import TestSupport
import Testing

@Suite struct VerbTests {
    @Test func addThenDeleteLeavesNoRecord() throws {
        let etcd = try EtcdServer()
        let configuration = Plugin.configuration(etcd: etcd.endpoint)
        let added = try Plugin.call("ADD", container: "c1", configuration: configuration)
        #expect(added.status == 0, "\(added)")
        #expect(added.addresses == ["10.20.0.1/24"])
        #expect(added.errors.isEmpty)
        let deleted = try Plugin.call("DEL", container: "c1", configuration: configuration)
        #expect(deleted.status == 0, "\(deleted)")
        #expect(deleted.output.isEmpty)
    }
}
