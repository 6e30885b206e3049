// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

let package = Package(
    name: "examples",
    dependencies: [
        .package(name: "whereabouts", path: "..")
    ],
    targets: ["getting-started", "transactions", "leases", "tls", "users", "errors"].map { name in
        .executableTarget(
            name: name,
            dependencies: [
                .product(name: "EtcdClient", package: "whereabouts")
            ],
            swiftSettings: settings
        )
    }
        + ["watch", "renewals"].map { name in
            .executableTarget(
                name: name,
                dependencies: [.product(name: "AsyncEtcdClient", package: "whereabouts")],
                swiftSettings: settings
            )
        }
)
