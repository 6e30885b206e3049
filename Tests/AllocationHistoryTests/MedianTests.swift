import Testing

@testable import AllocationHistory

@Suite struct MedianTests {
    @Test func theMedianOfAnEvenNumberLiesBetween() {
        #expect([4.0, 1, 3, 2].median == 2.5)
        #expect([Double]().median == 0)
    }
}
