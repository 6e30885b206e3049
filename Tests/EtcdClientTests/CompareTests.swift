import EtcdClient
import EtcdLab
import TestSupport
import Testing

@Suite(.sharedEtcd, .timeLimit(.minutes(15))) struct CompareTests {
    private let client: EtcdClient

    init() throws {
        client = try SharedEtcd.client()
    }

    /// What the key has, and the operand that a number below, at and above it makes.
    private enum Property: CaseIterable {
        case version, createRevision, modRevision, lease

        func of(_ keyValue: KeyValue?) -> Int64 {
            switch self {
            case .version: keyValue?.version ?? 0
            case .createRevision: keyValue?.createRevision ?? 0
            case .modRevision: keyValue?.modRevision ?? 0
            case .lease: keyValue?.lease ?? 0
            }
        }

        func operand(_ number: Int64) -> Compare.Operand {
            switch self {
            case .version: .version(number)
            case .createRevision: .createRevision(number)
            case .modRevision: .modRevision(number)
            case .lease: .lease(number)
            }
        }
    }

    private let relations: [Compare.Relation] = [.equal, .greater, .less, .notEqual]

    private func holds<Value: Comparable>(_ left: Value, _ relation: Compare.Relation, _ right: Value) -> Bool {
        switch relation {
        case .equal: left == right
        case .greater: left > right
        case .less: left < right
        case .notEqual: left != right
        }
    }

    /// What the server says of a condition.
    private func holds(_ compare: Compare) throws -> Bool {
        try client.commit(Txn(if: [compare]), deadline: .far).succeeded
    }

    @Test func numbersOfAKeyCompareAsNumbers() throws {
        let lease = try client.lease.grant(timeToLive: 600, deadline: .far).id
        for value in ["a", "b"] {
            try client.put(PutRequest("number", value, lease: lease), deadline: .far)
        }
        for (key, keyValue) in [(Key("number"), try client.get("number", deadline: .far)), ("number-absent", nil)] {
            for property in Property.allCases {
                let number = property.of(keyValue)
                #expect((number > 0) == (keyValue != nil))
                for other in [number - 1, number, number + 1, 0, .max, .min] {
                    for relation in relations {
                        let compare = Compare(key, relation, property.operand(other))
                        #expect(try holds(compare) == holds(number, relation, other), "\(compare)")
                    }
                }
            }
        }
    }

    @Test(arguments: ["", "b", "a", "c", "bb", "b\0"], [Compare.Relation.equal, .greater, .less, .notEqual])
    func valuesCompareByteByByte(other: String, relation: Compare.Relation) throws {
        for value in ["b", ""] {
            let key = Key("value/\(other)/\(relation)/\(value)")
            try client.put(PutRequest(key, value), deadline: .far)
            let expected = holds(Key(value), relation, Key(other))
            #expect(try holds(Compare(key, relation, .value(Array(other.utf8)))) == expected)
        }
    }

    @Test(arguments: [Compare.Relation.equal, .greater, .less, .notEqual])
    func valueOfAnAbsentKeyStandsInNoRelation(relation: Compare.Relation) throws {
        for value in ["", "a"] {
            #expect(try !holds(Compare("value-absent", relation, .value(Array(value.utf8)))))
            #expect(try !holds(Compare(.prefix("value-absent/"), relation, .value(Array(value.utf8)))))
        }
    }

    @Test func absenceIsACondition() throws {
        #expect(try holds(.isAbsent("absence")))
        let revision = try #require(try client.put(PutRequest("absence", "a"), deadline: .far).header).revision
        #expect(try !holds(.isAbsent("absence")))
        #expect(try holds(.isUnchanged("absence", since: revision)))
        try client.put(PutRequest("absence", "a"), deadline: .far)
        #expect(try !holds(.isUnchanged("absence", since: revision)))
        try client.deleteRange(DeleteRangeRequest(.single("absence")), deadline: .far)
        #expect(try holds(.isAbsent("absence")))
    }

    @Test func conditionOnARangeMustHoldForEveryKeyThatExists() throws {
        for (key, value) in [("range/a", "x"), ("range/b", "x"), ("range/c", "y")] {
            try client.put(PutRequest(Key(key), value), deadline: .far)
        }
        let x = Compare.Operand.value(Array("x".utf8))
        #expect(try holds(Compare(.range("range/a", upTo: "range/c"), .equal, x)))
        #expect(try !holds(Compare(.prefix("range/"), .equal, x)))
        #expect(try !holds(Compare(.prefix("range/"), .notEqual, x)))
        #expect(try holds(Compare(.prefix("range/"), .equal, .version(1))))
        #expect(try !holds(Compare(.prefix("range/"), .equal, .createRevision(0))))
        #expect(try holds(Compare(.prefix("range/"), .greater, .createRevision(0))))
    }

    @Test func emptyRangeIsJudgedLikeAnAbsentKey() throws {
        let range = KeyRange.prefix("range-empty/")
        for property in Property.allCases {
            for relation in relations {
                for other in [Int64(-1), 0, 1] {
                    let compare = Compare(range, relation, property.operand(other))
                    #expect(try holds(compare) == holds(0, relation, other), "\(compare)")
                }
            }
        }
    }

    @Test func everyConditionMustHold() throws {
        try client.put(PutRequest("every", "a"), deadline: .far)
        let (yes, no) = (Compare("every", .equal, .version(1)), Compare("every", .equal, .version(2)))
        for conditions in [[], [yes], [yes, yes]] {
            #expect(try client.commit(Txn(if: conditions), deadline: .far).succeeded)
        }
        for conditions in [[no], [yes, no], [no, yes]] {
            #expect(try !client.commit(Txn(if: conditions), deadline: .far).succeeded)
        }
    }
}
