import Testing

@testable import EtcdClient

@Suite struct EtcdErrorTests {
    @Test func descriptionIsOneLineOfAllThatIsKnown() {
        let error = EtcdError(
            .unreachable,
            "etcd can't be reached",
            attempts: [
                EtcdError.Attempt(endpoint: "a:1", cause: "Connection refused"),
                EtcdError.Attempt(endpoint: "b:2", cause: "no connection after 2000 ms"),
            ],
            elapsed: .microseconds(3_001_999),
            advice: "Check etcd_host."
        )
        #expect(
            error.description == "etcd can't be reached (tried for 3001 ms: a:1: Connection refused; "
                + "b:2: no connection after 2000 ms). Check etcd_host."
        )
    }

    @Test func descriptionLeavesOutWhatIsNotKnown() {
        #expect(EtcdError(.timedOut, "no time is left").description == "no time is left")
        #expect(EtcdError(.timedOut, "no time is left", advice: "Wait.").description == "no time is left. Wait.")
    }
}
