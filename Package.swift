// swift-tools-version: 6.2
import PackageDescription

/// The settings of every Swift target: language mode 6, strict memory safety, and no warning survives.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Libraries that a fully static link of the gRPC C core needs, beyond those that every build names.
///
/// `pkgConfig: "grpc"` is no way: SwiftPM expands the Abseil graph into thousands of flags and fails.
let abseil = [
    "bad_optional_access", "bad_variant_access", "base", "city", "cord", "cord_internal", "cordz_functions",
    "cordz_handle", "cordz_info", "debugging_internal", "demangle_internal", "exponential_biased",
    "graphcycles_internal", "hash", "int128", "low_level_hash", "malloc_internal", "random_internal_platform",
    "random_internal_pool_urbg", "random_internal_randen", "random_internal_randen_hwaes",
    "random_internal_randen_hwaes_impl", "random_internal_randen_slow", "random_internal_seed_material",
    "random_seed_gen_exception", "raw_hash_set", "raw_logging_internal", "spinlock_wait", "stacktrace", "status",
    "statusor", "str_format_internal", "strerror", "strings", "strings_internal", "symbolize", "synchronization",
    "throw_delegate", "time", "time_zone",
].map { "absl_" + $0 }
let staticLibraries = ["address_sorting", "re2", "upb", "cares", "z"] + abseil

/// A profile needs the names of functions (Benchmarks/run); the file that is installed has none.
let strip = ["-Xlinker", Context.environment["WHEREABOUTS_SYMBOLS"] == nil ? "-s" : "-S"]

/// A file of a release that needs no library of its host.
let staticProgram: (settings: [SwiftSetting], linkerSettings: [LinkerSetting]) = (
    [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))],
    staticLibraries.map { .linkedLibrary($0, .when(configuration: .release)) } + [
        .unsafeFlags(
            ["-static-executable", "-use-ld=lld", "-Xlinker", "--gc-sections"] + strip,
            .when(configuration: .release)
        )
    ]
)

/// What swift-argument-parser needs of Foundation, whose archives don't name each other.
let staticFoundation = ["FoundationEssentials", "_FoundationCollections", "_FoundationCShims"].map {
    LinkerSetting.linkedLibrary($0, .when(configuration: .release))
}

let package = Package(
    name: "whereabouts",
    products: [
        .executable(name: "whereabouts", targets: ["WhereaboutsPlugin"]),
        .executable(name: "whereabouts-harness", targets: ["WhereaboutsHarness"]),
        .executable(name: "ip-reconciler", targets: ["IPReconciler"]),
        .executable(name: "ip-control-loop", targets: ["IPControlLoop"]),
        .executable(name: "whereabouts-node-slice-controller", targets: ["WhereaboutsNodeSliceController"]),
        .library(name: "EtcdClient", targets: ["EtcdClient"]),
        .library(name: "AsyncEtcdClient", targets: ["AsyncEtcdClient", "EtcdClient"]),
        // With the modules whose types its public declarations use.
        .library(name: "Whereabouts", targets: ["Whereabouts", "CNI", "IPAM", "IPTypes", "JSON", "KubernetesClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-algorithms", from: "1.2.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.7.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // Pure values: no I/O, no C, no knowledge of etcd.
        .target(name: "IPTypes", swiftSettings: strict),
        .target(name: "JSON", swiftSettings: strict),
        .target(name: "CNI", dependencies: ["IPTypes", "JSON"], swiftSettings: strict),
        .target(name: "IPAM", dependencies: ["IPTypes", "JSON"], swiftSettings: strict),
        // What a run of load and faults recorded of a plugin, what is wrong with it, and how that is shown.
        .target(
            name: "AllocationHistory",
            dependencies: ["IPTypes", .product(name: "Algorithms", package: "swift-algorithms")],
            swiftSettings: strict
        ),

        // etcd: the C shim, and the Swift client over it, which knows nothing of IPAM.
        .target(
            name: "CGRPCBridge",
            linkerSettings: [
                .linkedLibrary("grpc"), .linkedLibrary("gpr"), .linkedLibrary("ssl"), .linkedLibrary("crypto"),
                .linkedLibrary("protobuf-c"),
            ]
        ),
        .target(
            name: "EtcdClient",
            dependencies: [
                "CGRPCBridge", "IPTypes", "JSON",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),

        // The Kubernetes API: HTTP/2, TLS, names and YAML by C libraries, and the Swift client over them, which knows nothing of IPAM.
        .target(
            name: "CHTTPBridge",
            dependencies: ["CGRPCBridge"],
            linkerSettings: [.linkedLibrary("nghttp2"), .linkedLibrary("cares"), .linkedLibrary("yaml")]
        ),
        .target(
            name: "KubernetesClient",
            dependencies: [
                "CGRPCBridge", "CHTTPBridge", "EtcdClient", "IPTypes", "JSON",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),

        // The etcd client's streams for Swift concurrency, apart from it: the plugin does without that runtime.
        .target(name: "AsyncEtcdClient", dependencies: ["EtcdClient"], swiftSettings: strict),

        // The plugin: configuration, allocation on etcd, and the verbs.
        .target(
            name: "Whereabouts",
            dependencies: [
                "CNI", "EtcdClient", "IPAM", "IPTypes", "JSON", "KubernetesClient",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        // gRPC for a process that makes a few calls and ends; it has nothing to import.
        .target(name: "CGRPCProcess", linkerSettings: [.linkedLibrary("absl_synchronization")]),
        .executableTarget(
            name: "WhereaboutsPlugin",
            dependencies: ["CGRPCProcess", "Whereabouts"],
            swiftSettings: strict + staticProgram.settings,
            linkerSettings: staticProgram.linkerSettings
        ),

        // Gives nodes their slices of ranges on the Kubernetes datastore; no part of the plugin.
        .target(
            name: "NodeSlices",
            dependencies: [
                "CNI", "EtcdClient", "IPAM", "IPTypes", "JSON", "KubernetesClient", "Whereabouts",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "WhereaboutsNodeSliceController",
            dependencies: ["NodeSlices", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict + staticProgram.settings,
            linkerSettings: staticProgram.linkerSettings + staticFoundation
        ),

        // Frees what pods that are gone have left, in either datastore; no part of the plugin.
        .target(
            name: "Reconciliation",
            dependencies: [
                "EtcdClient", "IPAM", "IPTypes", "JSON", "KubernetesClient", "Whereabouts",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "IPReconciler",
            dependencies: ["Reconciliation"],
            swiftSettings: strict + staticProgram.settings,
            linkerSettings: staticProgram.linkerSettings + staticFoundation
        ),

        // Looks after what a node has of the datastore, as long as the node lives; no part of the plugin.
        .target(
            name: "ControlLoop",
            dependencies: [
                "CNI", "EtcdClient", "IPAM", "IPTypes", "JSON", "KubernetesClient", "Reconciliation", "Whereabouts",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "IPControlLoop",
            dependencies: ["ControlLoop"],
            swiftSettings: strict + staticProgram.settings,
            linkerSettings: staticProgram.linkerSettings + staticFoundation
        ),

        // etcd servers and clusters to experiment with: started, cut off, frozen, and gone with whoever started them.
        .target(
            name: "EtcdLab",
            dependencies: [
                "EtcdClient",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),

        // A kube-apiserver to experiment with, which is built first where there is none, and what is shipped for it.
        .target(name: "KubernetesLab", dependencies: ["EtcdLab"], swiftSettings: strict),

        // A cluster's load on the plugin, with faults, and the verdict; no part of the plugin.
        .target(
            name: "Harness",
            dependencies: [
                "AllocationHistory", "EtcdClient", "EtcdLab", "IPAM", "IPTypes", "JSON", "Whereabouts",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "WhereaboutsHarness",
            dependencies: ["Harness", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict
        ),

        // The plugin as a whole process, measured in turn with others; Benchmarks/run starts it.
        .executableTarget(
            name: "WhereaboutsBenchmarks",
            dependencies: [
                "AllocationHistory", "CNI", "EtcdClient", "EtcdLab", "IPAM", "IPTypes", "JSON", "KubernetesClient",
                "KubernetesLab", "Whereabouts",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Sources/WhereaboutsBenchmarks",
            swiftSettings: strict
        ),
        // Stands in for upstream's plugin where writers of both kinds meet or are compared; built as the plugin is.
        .executableTarget(
            name: "UpstreamStandIn",
            dependencies: [
                "CGRPCProcess", "CNI", "EtcdClient", "IPAM", "IPTypes", "JSON", "KubernetesClient",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Benchmarks/Sources/UpstreamStandIn",
            swiftSettings: strict + staticProgram.settings,
            linkerSettings: staticProgram.linkerSettings
        ),

        .target(
            name: "TestSupport",
            dependencies: ["EtcdClient", "EtcdLab", "KubernetesLab"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(name: "IPTypesTests", dependencies: ["EtcdLab", "IPTypes", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "JSONTests", dependencies: ["EtcdLab", "JSON"], swiftSettings: strict),
        .testTarget(name: "CNITests", dependencies: ["CNI", "IPTypes", "JSON"], swiftSettings: strict),
        .testTarget(
            name: "IPAMTests",
            dependencies: ["EtcdLab", "IPAM", "IPTypes", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AllocationHistoryTests",
            dependencies: ["AllocationHistory", "EtcdLab", "IPTypes"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EtcdClientTests",
            dependencies: [
                "EtcdClient", "EtcdLab", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        // Against a real kube-apiserver, which is built first where there is none.
        .testTarget(
            name: "KubernetesClientTests",
            dependencies: ["EtcdClient", "EtcdLab", "JSON", "KubernetesClient", "KubernetesLab", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AsyncEtcdClientTests",
            dependencies: ["AsyncEtcdClient", "EtcdClient", "EtcdLab", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "WhereaboutsTests",
            dependencies: [
                "CNI", "EtcdClient", "EtcdLab", "IPAM", "IPTypes", "JSON", "KubernetesClient", "TestSupport",
                "Whereabouts",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // What every datastore must do, on each, and what one alone must.
        .testTarget(
            name: "DatastoreTests",
            dependencies: [
                "EtcdClient", "EtcdLab", "IPAM", "IPTypes", "JSON", "KubernetesClient", "KubernetesLab", "TestSupport",
                "UpstreamStandIn", "Whereabouts", "WhereaboutsPlugin",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "NodeSlicesTests",
            dependencies: [
                "EtcdClient", "EtcdLab", "IPAM", "IPTypes", "JSON", "KubernetesClient", "KubernetesLab", "NodeSlices",
                "TestSupport", "Whereabouts", "WhereaboutsNodeSliceController",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ReconciliationTests",
            dependencies: [
                "AllocationHistory", "CNI", "ControlLoop", "EtcdClient", "EtcdLab", "IPAM", "IPControlLoop",
                "IPReconciler",
                "IPTypes", "JSON",
                "KubernetesClient", "KubernetesLab", "Reconciliation", "TestSupport", "Whereabouts",
                "WhereaboutsPlugin",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        // The installer and the manifests, with the built programs on real datastores.
        .testTarget(
            name: "InstallationTests",
            dependencies: [
                "EtcdLab", "IPControlLoop", "IPReconciler", "KubernetesLab", "Reconciliation", "TestSupport",
                "WhereaboutsNodeSliceController", "WhereaboutsPlugin",
            ],
            swiftSettings: strict
        ),
        // The built harness as a process, around the built plugin.
        .testTarget(
            name: "HarnessTests",
            dependencies: [
                "AllocationHistory", "EtcdClient", "EtcdLab", "TestSupport", "WhereaboutsHarness", "WhereaboutsPlugin",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BenchmarkTests",
            dependencies: ["EtcdLab", "WhereaboutsBenchmarks"],
            swiftSettings: strict
        ),
        // The built plugin as a process. The dependency has it built before the tests run.
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["EtcdClient", "EtcdLab", "KubernetesLab", "TestSupport", "WhereaboutsPlugin"],
            swiftSettings: strict
        ),
    ],
    cxxLanguageStandard: .cxx17
)

// Only script/fuzz asks for it: it needs the compiler's fuzzer.
if Context.environment["WHEREABOUTS_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: ["CNI", "EtcdClient", "IPAM", "IPTypes", "JSON", "KubernetesClient", "Whereabouts"],
            path: "Tests/Fuzz",
            exclude: ["Corpus"],
            swiftSettings: strict + [.enableExperimentalFeature("Extern")],
            linkerSettings: [.unsafeFlags(["-use-ld=lld"]), .linkedLibrary("stdc++")]
        )
    )
}

// script/sanitize runs the tests of the client; to build all else once more for each sanitizer would take it most of its time.
if Context.environment["WHEREABOUTS_CLIENT_ONLY"] != nil {
    let client: Set = [
        "AsyncEtcdClient", "AsyncEtcdClientTests", "CGRPCBridge", "CHTTPBridge", "EtcdClient", "EtcdClientTests",
        "EtcdLab", "IPTypes", "JSON", "KubernetesClient", "KubernetesClientTests", "KubernetesLab", "TestSupport",
    ]
    package.targets.removeAll { !client.contains($0.name) }
    package.products = []
}
