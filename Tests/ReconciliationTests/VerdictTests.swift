import IPAM
import IPTypes
import JSON
import Testing
import Whereabouts

@testable import Reconciliation

/// Which allocations are stranded beside which pods, and which are not.
@Suite struct VerdictTests {
    private static let now = "2026-11-26T17:00:00Z"

    private func allocation(
        _ address: String = "10.0.0.1",
        pod: String? = "web-0",
        uid: String? = nil,
        interface: String = "eth0",
        created: String? = "2026-11-26T10:00:00Z",
        retainedUntil: String? = nil
    ) throws -> StoredAllocation {
        StoredAllocation(
            place: AllocationPlace(domain: "default", address: try IPAddress(address)),
            owner: AllocationOwner(
                attachment: Attachment(containerID: "c1", interfaceName: interface),
                pod: pod.map { PodReference(namespace: "default", name: $0) },
                node: "node-a",
                network: "lab"
            ),
            podUID: uid,
            created: created,
            retainedUntil: retainedUntil,
            version: "7"
        )
    }

    private func verdict(_ allocation: StoredAllocation, _ state: PodState?, of name: String = "web-0") -> Verdict {
        var pods = [PodReference(namespace: "other", name: "web-0"): PodState(uid: "x")]
        pods[PodReference(namespace: "default", name: name)] = state
        return Verdict(of: allocation, by: .pods(pods), now: Self.now)
    }

    private func pod(_ text: String, readsInterfaces: Bool = true) throws -> PodState {
        try #require(PodState(try JSONValue(parsing: Array(text.utf8)), readsInterfaces: readsInterfaces))
    }

    @Test func aPodThatIsThereKeepsItsAddresses() throws {
        #expect(verdict(try allocation(), PodState(uid: "u1")) == .live)
        #expect(verdict(try allocation(uid: "u1"), PodState(uid: "u1")) == .live)
        #expect(verdict(try allocation("fd00::1", uid: "u1"), PodState(uid: "u1")) == .live)
    }

    @Test func aPodOfAnotherNameOrNamespaceDoesNot() throws {
        #expect(verdict(try allocation(), nil) == .stranded(.podGone))
        #expect(verdict(try allocation(), PodState(uid: "u1"), of: "web-1") == .stranded(.podGone))
    }

    @Test func aPodOfTheSameNameIsToldByItsUID() throws {
        #expect(verdict(try allocation(uid: "u1"), PodState(uid: "u2")) == .stranded(.podReplaced))
        #expect(verdict(try allocation(uid: "u1"), PodState(uid: "u2", isCompleted: true)) == .stranded(.podReplaced))
    }

    @Test func aStaticPodIsNamedByItsConfiguration() throws {
        let mirror = try pod(
            #"{"metadata": {"uid": "m1", "annotations": {"kubernetes.io/config.hash": "h1"}}, "status": {"phase": "Running"}}"#
        )
        #expect(verdict(try allocation(uid: "h1"), mirror) == .live)
        #expect(verdict(try allocation(uid: "m1"), mirror) == .live)
        #expect(verdict(try allocation(uid: "h2"), mirror) == .stranded(.podReplaced))
    }

    /// Its kubelet may not reach the API server, so neither a missing mirror pod nor an older one proves anything.
    @Test func aStaticPodWithoutItsMirrorPodIsNotJudged() throws {
        let hash = "0123456789abcdef0123456789abcdef"
        let static0 = try allocation(pod: "web-node-a", uid: hash)
        #expect(verdict(static0, nil) == .withoutPod)
        #expect(verdict(static0, PodState(uid: "m1", configHash: "another"), of: "web-node-a") == .withoutPod)
        #expect(verdict(static0, PodState(uid: "m1", configHash: hash), of: "web-node-a") == .live)
        let ended = PodState(uid: "m1", configHash: hash, isCompleted: true)
        #expect(verdict(static0, ended, of: "web-node-a") == .stranded(.podCompleted))
        for uid in [String(hash.dropLast()), hash.uppercased(), "01234567-89ab-cdef-0123-456789abcdef", hash + "0"] {
            #expect(verdict(try allocation(uid: uid), nil) == .stranded(.podGone), "\(uid)")
        }
    }

    @Test(arguments: ["Pending", "Running", "Unknown", "Somethingelse"])
    func aPodThatHasNotEndedIsLive(phase: String) throws {
        let state = try pod(
            #"{"metadata": {"uid": "u1", "deletionTimestamp": "2026-11-26T16:59:59Z"}, "status": {"phase": "\#(phase)"}}"#
        )
        #expect(verdict(try allocation(uid: "u1"), state) == .live)
    }

    @Test(arguments: ["Succeeded", "Failed"]) func onePodThatHasEndedIsNot(phase: String) throws {
        let state = try pod(#"{"metadata": {"uid": "u1"}, "status": {"phase": "\#(phase)"}}"#)
        #expect(verdict(try allocation(uid: "u1"), state) == .stranded(.podCompleted))
        #expect(verdict(try allocation(), state) == .stranded(.podCompleted))
    }

    @Test func whatNamesNoPodIsNotJudgedByPods() throws {
        #expect(verdict(try allocation(pod: nil), nil) == .withoutPod)
    }

    @Test func whatWaitsIsJudgedByItsTimeAlone() throws {
        #expect(verdict(try allocation(retainedUntil: "2026-11-26T17:00:01Z"), nil) == .waiting)
        #expect(verdict(try allocation(retainedUntil: "2026-11-26T17:00:00Z"), PodState(uid: "u1")) == .expired)
        #expect(verdict(try allocation(pod: nil, retainedUntil: "2026-11-26T16:00:00Z"), nil) == .expired)
    }

    private func noted(_ networks: String) throws -> PodState {
        let status = JSONValue.string(networks)
        let text = String(decoding: status.encoded(), as: UTF8.self)
        return try pod(
            #"{"metadata": {"uid": "u1", "annotations": {"k8s.v1.cni.cncf.io/network-status": \#(text)}}, "status": {}}"#
        )
    }

    /// Absence of a note proves nothing, and what the default network has counts like all else.
    @Test(arguments: [
        "", "[]", "nonsense", "{}", #"[{"name": "lab", "interface": "eth0"}]"#,
        #"[{"name": "lab", "interface": "net1", "ips": ["10.0.0.9"]}]"#,
        #"[{"name": "lab", "interface": "eth0", "ips": ["10.0.0.1"], "default": true}]"#,
        #"[{"name": "lab", "interface": "eth0", "ips": ["10.0.0.9"]}, {"name": "b", "interface": "net1", "ips": ["10.0.0.1"]}]"#,
        #"[{"name": "lab", "interface": "eth0", "ips": ["10.0.0.9"]}, {"name": "b", "ips": ["10.0.0.1"], "default": true}]"#,
        #"[{"name": "lab", "interface": "eth0", "ips": ["fd00::9"]}]"#,
        #"[{"name": "lab", "interface": "eth0", "ips": ["bad"]}]"#,
    ])
    func whatMultusDoesNotContradictIsLive(networks: String) throws {
        #expect(verdict(try allocation(), try noted(networks)) == .live)
    }

    @Test func anInterfaceWithAnotherAddressHasLeftThisOne() throws {
        let state = try noted(
            #"[{"name": "lab", "interface": "eth0", "ips": ["10.0.0.9", "fd00::9"]}, {"name": "b", "interface": "net1", "ips": ["10.0.0.8"]}]"#
        )
        #expect(verdict(try allocation(), state) == .stranded(.interfaceHasOtherAddress))
        #expect(verdict(try allocation("fd00::1"), state) == .stranded(.interfaceHasOtherAddress))
        #expect(verdict(try allocation("fd00::9"), state) == .live)
        // Where the record names the pod's UID, that has told; and an interface without a name may be any.
        #expect(verdict(try allocation(uid: "u1"), state) == .live)
        #expect(verdict(try allocation(interface: ""), state) == .live)
    }

    @Test func whatIsOfAContainerThatTheRuntimeDoesNotKnowIsGone() throws {
        let look = Look.containers(["c2"], madeBefore: "2026-11-26T16:00:00Z")
        let known = Look.containers(["c1"], madeBefore: "2026-11-26T16:00:00Z")
        func judge(_ allocation: StoredAllocation, _ look: Look) -> Verdict {
            Verdict(of: allocation, by: look, now: Self.now)
        }
        #expect(judge(try allocation(), look) == .stranded(.containerGone))
        #expect(judge(try allocation(pod: nil), look) == .stranded(.containerGone))
        #expect(judge(try allocation(), known) == .live)
        // Multus keeps what it attaches besides elsewhere.
        #expect(judge(try allocation(interface: "net1"), known) == .live)
        // It may be younger than the list.
        #expect(judge(try allocation(created: "2026-11-26T16:00:00Z"), look) == .live)
        #expect(judge(try allocation(created: nil), look) == .live)
    }
}
