import Testing

@testable import WhereaboutsBenchmarks

/// What callgrind has written is read as its manual describes it.
@Suite struct CallgrindProfileTests {
    /// A program whose `main` calls a function twice, which calls itself and another one.
    private let file = """
        # callgrind format
        version: 1
        creator: callgrind-3.19.0
        positions: line
        events: Ir
        summary: 61

        ob=(1) /usr/bin/program
        fl=(1) ???
        fn=(1) main
        0 5
        +2 6
        cfn=(2) $s4Main4workyyF
        calls=2 0
        * 50

        fn=(2)
        0 20
        cob=(2) /lib/libc.so.6
        cfi=(1)
        cfn=(3) memcpy
        calls=4 0
        0 10
        cfn=(4) $s4Main4workyyF'2
        calls=1 0
        0 20

        fn=(4)
        0 20

        fn=(3)
        -1 10

        totals: 61
        """

    @Test func eachFunctionHasWhatItExecutesItself() {
        let profile = CallgrindProfile(file)
        #expect(profile.costs == ["main": 11, "$s4Main4workyyF": 40, "memcpy": 10])
    }

    @Test func theTotalIsWhatCallgrindSays() {
        #expect(CallgrindProfile(file).total == 61)
    }
}
