import EtcdClient
import Testing

@Suite struct EtcdServerErrorTests {
    @Test(arguments: EtcdServerError.allCases)
    func errorIsReadFromItsText(error: EtcdServerError) {
        #expect(EtcdServerError(statusText: "etcdserver: " + error.rawValue) == error)
        #expect(EtcdServerError(statusText: error.rawValue) == error)
    }

    @Test func layerForUsersHasTextsOfItsOwn() {
        #expect(EtcdServerError(statusText: "auth: permission denied") == .permissionDenied)
        #expect(EtcdServerError(statusText: "auth: revision in header is old") == .authRevisionOld)
    }

    @Test(arguments: [
        "", "etcdserver: ", "etcdserver:key is not provided", "key is not provided.", "Key is not provided",
        "etcdserver: etcdserver: key is not provided", "etcdserver: a text of a later version", "OK",
    ])
    func otherTextIsNoError(text: String) {
        #expect(EtcdServerError(statusText: text) == nil)
    }

    @Test func whatMayHaveBeenAppliedIsRepeatableForReads() {
        for error in EtcdServerError.allCases where error.leavesOutcomeUnknown {
            #expect(error.isTransient, "\(error)")
        }
    }

    @Test func refusalsOfTheRequestItselfAreFinal() {
        let final: [EtcdServerError] = [
            .emptyKey, .tooManyOperations, .duplicateKey, .compacted, .futureRevision, .noSpace, .requestTooLarge,
            .authenticationFailed, .permissionDenied, .userEmpty, .corrupt,
        ]
        for error in final {
            #expect(!error.isTransient && !error.leavesOutcomeUnknown, "\(error)")
        }
    }

    @Test func refusalsOfTheUserAreNotOfOneRequest() {
        let refusals = EtcdServerError.allCases.filter(\.refusesUser)
        #expect(
            Set(refusals) == [.userEmpty, .userNotFound, .authenticationFailed, .permissionDenied, .invalidAuthToken]
        )
        #expect(refusals.allSatisfy { !$0.isTransient && !$0.leavesOutcomeUnknown })
    }

    @Test func operatorIsToldWhatToDoAboutWhateverIsNotTheRequestsFault() {
        for error in EtcdServerError.allCases where error.isTransient {
            #expect(error.advice != nil, "\(error)")
        }
    }

    @Test func adviceIsASentence() {
        for error in EtcdServerError.allCases {
            if let advice = error.advice {
                #expect(advice.hasSuffix(".") && !advice.contains("\n"), "\(advice)")
            }
        }
    }
}
