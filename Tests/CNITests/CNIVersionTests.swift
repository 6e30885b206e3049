import CNI
import Testing

@Suite struct CNIVersionTests {
    @Test func versionsAreInOrder() {
        let texts = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
        #expect(CNIVersion.supported.map(\.rawValue) == texts)
        #expect(CNIVersion.supported.sorted() == CNIVersion.supported)
        #expect(CNIVersion.latest == CNIVersion.supported.last)
        #expect(CNIVersion.v031 < .v040 && !(CNIVersion.v040 < .v040))
    }
}
