import CNI
import EtcdClient
import Foundation
import JSON
import Testing

@testable import Whereabouts

/// docs/configuration.md says what the loader does.
@Suite struct ConfigurationReferenceTests {
    static let reference = ConfigurationReference.current
    static let entries = reference?.entries ?? []

    @Test func everyKeyIsDescribedOnce() {
        let described = Self.entries.map { $0.key.lowercased() }
        #expect(Set(described) == WireConfiguration.knownKeys)
        #expect(described.count == Set(described).count)
    }

    @Test func whatARangeMayHoldIsDescribed() throws {
        let prose = try #require(Self.entries.first { $0.key == "ipRanges" }).prose
        for key in WireConfiguration.knownRangeKeys {
            #expect(prose.contains("`\(key)`"))
        }
        #expect(prose.contains(" \(IPAMConfiguration.rangeLimit) "))
    }

    @Test(arguments: entries) func anEntryHasTypeExampleAndError(_ entry: ConfigurationReference.Entry) {
        #expect(!entry.type.isEmpty)
        #expect(!entry.examples.isEmpty)
        #expect(!entry.errors.isEmpty)
        for example in entry.examples {
            #expect(example.contains("\"\(entry.key)\":"))
        }
    }

    /// A number with a fraction is of no key's type.
    @Test(arguments: entries) func theTypeIsTheLoadersOwn(_ entry: ConfigurationReference.Entry) {
        let types = [
            "text": "a text in quotes", "text or list of texts": "a text in quotes", "true or false": "true or false",
            "whole number": "a whole number", "object": "an object",
        ]
        let type = entry.type.hasPrefix("list of ") ? "a list" : types[entry.type]
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationLoader.load("\"\(entry.key)\": 4711.5")
        }
        // What is for etcd is not shown.
        let found = entry.key.hasPrefix("etcd_") ? "a number" : "the number 4711.5"
        #expect(error?.description == "\(entry.key) must be \(type ?? entry.type), and is \(found)")
    }

    @Test(arguments: entries.filter { $0.defaultValue != nil })
    func theDefaultIsTheLoadersOwn(_ entry: ConfigurationReference.Entry) throws {
        let value = try #require(entry.defaultValue)
        let given = try ConfigurationLoader.load("\"\(entry.key)\": \(value)")
        #expect(String(reflecting: given) == String(reflecting: try ConfigurationLoader.load("")))
    }

    @Test(arguments: entries) func anExampleLoadsWithoutANoteOnItsKeys(_ entry: ConfigurationReference.Entry) throws {
        for example in entry.examples {
            let notes = try ConfigurationLoader.load(example).notes
            #expect(!notes.contains { $0.hasPrefix("unknown keys") }, "\(notes)")
        }
    }

    @Test(arguments: entries) func anErrorIsWordForWordTheLoaders(_ entry: ConfigurationReference.Entry) {
        for error in entry.errors {
            #expect(message(error.members) == error.message)
        }
    }

    @Test func theFilesLoad() throws {
        let files = try #require(Self.reference?.files)
        let directory = try TemporaryDirectory()
        for file in files {
            if file.contains("\"ipam\"") {
                #expect(try ConfigurationLoader.load(network: file).notes.isEmpty)
            } else {
                let path = try directory.write("whereabouts.conf", file)
                #expect(try ConfigurationLoader.load("", flatFilePaths: [path]).notes.isEmpty)
            }
        }
        #expect(files.count == 2)
    }

    /// The error of a good configuration with members added to `ipam`, or of its client.
    private func message(_ members: String) -> String? {
        let good = #""type": "whereabouts", "etcd_host": "etcd.example:2379", "range": "10.0.0.0/24""#
        do {
            let json = try JSONValue(parsing: Array(#"{"ipam": {\#(good), \#(members)}}"#.utf8))
            let invocation = CNIInvocation(command: .add, networkName: "lab", configuration: json)
            let loader = ConfigurationLoader(environment: ["NODENAME": "node-a"], flatFilePaths: [])
            _ = try loader.resolved(invocation).makeClient(isWholeProcess: false)
            return nil
        } catch {
            return (error as? CNIError)?.details
        }
    }
}
