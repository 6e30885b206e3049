import EtcdClient
import IPAM
import IPTypes
import JSON

@testable import CNI
@testable import Whereabouts

/// Network configurations, or lists of them, up to the checked form.
///
/// None shows the password that is planted into it.
enum ConfigurationTarget: FuzzTarget {
    static let name = "configuration"

    static func read(_ input: Span<UInt8>) {
        PlantedPassword.check(Self.self, bytes(input)) { json in
            load(json, flatFilePaths: [])
        }
    }

    /// Loads all configurations of a text; returns all that the program would show of them.
    static func load(_ json: [UInt8], flatFilePaths: [String]) -> String {
        var shown = ""
        do throws(CNIError) {
            for entry in try NetworkConfigurationDocument(parsing: json).entries {
                for variant in PlantedPassword.variants(of: entry.configuration) {
                    shown += load(variant, flatFilePaths)
                }
            }
        } catch {
            shown += "\(error) \(error.details)\n"
        }
        return shown
    }

    private static func load(_ configuration: JSONValue, _ flatFilePaths: [String]) -> String {
        do throws(CNIError) {
            let entry = NetworkConfigurationDocument.Entry(index: nil, configuration: configuration)
            let invocation = try entry.invocation()
            let loader = ConfigurationLoader(environment: ["NODENAME": "node-a"], flatFilePaths: flatFilePaths)
            let resolved = try loader.resolved(invocation)
            check(resolved.configuration)
            let effective = EffectiveConfiguration(resolved, of: invocation, index: nil)
            let json = EffectiveConfiguration.text([effective])
            expect((try? JSONValue(parsing: json)) != nil, "the effective configuration is no JSON")
            var dumped = ""
            dump(resolved.configuration.store, to: &dumped)
            return String(decoding: json, as: UTF8.self) + dumped
        } catch {
            return "\(error) \(error.details)\n"
        }
    }

    /// Expects what an ADD takes for granted.
    private static func check(_ configuration: IPAMConfiguration) {
        expect(!configuration.demands.isEmpty, "a configuration has no range")
        expect(configuration.demands.count <= IPAMConfiguration.rangeLimit, "a configuration has too many ranges")
        expect(configuration.store.etcd?.endpoints.isEmpty != true, "a configuration has no etcd")
        expect(configuration.policy.retention >= 0 && configuration.policy.reuseDelay >= 0, "a time is negative")
        let choices = configuration.demands.flatMap(\.choices)
        for (index, choice) in choices.enumerated() {
            expect(!choice.pool.allocatable.isEmpty, "\(choice.pool) is empty")
            for gateway in [configuration.gateway].compactMap(\.self) + choices.compactMap(\.pool.gateway) {
                expect(!choice.pool.allocatable.contains(gateway), "\(choice.pool) has a gateway")
            }
            expect(
                choice.pool.gateway.map { $0.family == choice.pool.family } ?? true,
                "\(choice.pool) has another family's"
            )
            for other in choices[..<index] {
                let shared = other.pool.allocatable.intersection(choice.pool.allocatable)
                expect(shared.isEmpty, "\(shared) belongs to two ranges")
            }
        }
        for demand in configuration.demands {
            if let requested = demand.requested {
                expect(demand.pool.allocatable.contains(requested), "\(requested) lies outside of its range")
            }
        }
        let fixed = configuration.staticAddresses.map(\.address.address)
        expect(Set(fixed).count == fixed.count, "an interface has an address twice")
    }
}
