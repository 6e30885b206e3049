import EtcdClient
import Testing

@Suite struct KeyRangeTests {
    /// Every key of up to two bytes of an alphabet with both ends of the byte.
    private static let keys: [Key] = {
        let alphabet: [UInt8] = [0x00, 0x61, 0xfe, 0xff]
        return [Key([])] + alphabet.map { Key([$0]) } + alphabet.flatMap { first in alphabet.map { Key([first, $0]) } }
    }()

    /// Whether the server counts a key as of a range (etcd API, message RangeRequest).
    private func contains(_ range: KeyRange, _ key: Key) -> Bool {
        switch range.end {
        case []: key == range.start
        case [0]: key >= range.start
        default: key >= range.start && key < Key(range.end)
        }
    }

    @Test(arguments: [
        (KeyRange.single("abc"), Key("abc"), []),
        (.prefix("abc"), "abc", Array("abd".utf8)),
        (.prefix(Key([0x61, 0xff])), Key([0x61, 0xff]), [0x62]),
        (.prefix(Key([0x61, 0xff, 0xff])), Key([0x61, 0xff, 0xff]), [0x62]),
        (.prefix(Key([0xff, 0xff])), Key([0xff, 0xff]), [0]),
        (.prefix(""), Key([0]), [0]),
        (.from("abc"), "abc", [0]),
        (.from(""), Key([0]), [0]),
        (.range("a", upTo: "c"), "a", Array("c".utf8)),
        (.range("a", through: "c"), "a", Array("c\0".utf8)),
    ])
    func rangeHasTheStartAndEndOfTheInterface(range: KeyRange, start: Key, end: [UInt8]) {
        #expect(range.start == start)
        #expect(range.end == end)
    }

    @Test func prefixHoldsTheKeysThatBeginWithIt() {
        // No key of a store is empty.
        for prefix in Self.keys {
            for key in Self.keys where !key.bytes.isEmpty {
                let isBehind = key.bytes.starts(with: prefix.bytes)
                #expect(contains(.prefix(prefix), key) == isBehind, "\(prefix.bytes) \(key.bytes)")
            }
        }
    }

    @Test func rangesHoldTheKeysBetweenTheirEnds() {
        for first in Self.keys {
            for last in Self.keys {
                for key in Self.keys where !key.bytes.isEmpty {
                    let through = contains(.range(first, through: last), key)
                    #expect(through == (first <= key && key <= last), "\(first.bytes) \(last.bytes) \(key.bytes)")
                    let upTo = contains(.range(first, upTo: last), key)
                    #expect(upTo == (first <= key && key < last), "\(first.bytes) \(last.bytes) \(key.bytes)")
                }
            }
        }
    }

    @Test func keysAreOrderedByteByByte() {
        #expect(Key("a") < Key("aa"))
        #expect(Key("az") < Key("b"))
        #expect(Key([0x7f]) < Key([0x80]))
        #expect(!(Key("a") < Key("a")))
    }

    @Test func keyThatIsNotTextHasADescription() {
        #expect(Key([0x61, 0xff]).description == "a\u{fffd}")
        #expect(Key("ä").bytes == [0xc3, 0xa4])
    }
}
