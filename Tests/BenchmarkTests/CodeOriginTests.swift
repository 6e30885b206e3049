import Testing

@testable import WhereaboutsBenchmarks

/// A function's name tells whose it is.
@Suite struct CodeOriginTests {
    @Test(arguments: [
        ("$s10EtcdClient6TargetV4nameSSvg", CodeOrigin.etcdClient),
        ("$s11Whereabouts13EtcdDatastoreV", .whereabouts),
        ("$s4JSON9JSONValueO", .json),
        // An extension of String in CNI, and String's own.
        ("$sSS3CNIE15isCNIIdentifierSbvg", .cni),
        ("$sSS6appendyySSF", .standardLibrary),
        ("$ss5ErrorMp", .standardLibrary),
        ("$s7Unknown4TypeV", .rest),
    ]) func aSwiftFunctionBelongsToItsModule(name: String, origin: CodeOrigin) {
        #expect(CodeOrigin(swiftFunction: name) == origin)
    }

    @Test func aFunctionOfCIsNoneOfSwift() {
        #expect(CodeOrigin(swiftFunction: "memcpy") == nil)
        #expect(CodeOrigin(swiftFunction: "swift_retain") == nil)
    }

    @Test(arguments: [
        ("swift_conformsToProtocolMaybeInstantiateSuperclasses", CodeOrigin.swiftMetadata),
        ("swift_getTypeByMangledNameInContext", .swiftMetadata),
        ("swift_retain", .swiftRuntime),
    ]) func theRuntimeHasTwoParts(name: String, origin: CodeOrigin) {
        #expect(CodeOrigin(runtimeFunction: name) == origin)
    }
}
