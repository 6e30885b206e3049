internal import ArgumentParser

/// What can be measured, in the order of the document.
enum SectionName: String, CaseIterable, ExpressibleByArgument {
    case machine
    case serial
    case atOnce = "at-once"
    case fill
    case pools
    case referenceLoad = "reference-load"
    case exactPool = "exact-pool"
    case kubernetes
    case profile
    case targets
}
