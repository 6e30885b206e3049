import CNI
import Testing

@Suite struct CNIArgumentsTests {
    @Test func readsWhatKubernetesSends() throws {
        let arguments = try CNIArguments(
            parsing: "IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=pod;K8S_POD_INFRA_CONTAINER_ID=abc;"
                + "K8S_POD_UID=1-2-3;FUTURE_KEY=x;IP=10.0.0.5/24,fd00::5/64;GATEWAY=10.0.0.1"
        )
        var expected = CNIArguments()
        expected.podNamespace = "ns"
        expected.podName = "pod"
        expected.podInfraContainerID = "abc"
        expected.podUID = "1-2-3"
        expected.ip = "10.0.0.5/24,fd00::5/64"
        expected.gateway = "10.0.0.1"
        #expect(arguments == expected)
    }

    @Test(arguments: [
        "", "IgnoreUnknown=true", "IgnoreUnknown=0;", "K8S_POD_NAME=", "ignoreunknown=x;IgnoreUnknown=1",
    ])
    func readsNothing(_ text: String) throws {
        #expect(try CNIArguments(parsing: text) == CNIArguments())
    }

    @Test(
        arguments: [
            ("K8S_POD_NAME=a;", "a"),
            ("K8S_POD_NAME=a;K8S_POD_NAME=b", "b"),
            ("K8S_POD_NAME=a;K8S_POD_NAME=", nil),
            ("K8S_POD_NAME= a ", " a "),
            ("X=1;IgnoreUnknown=1;K8S_POD_NAME=a", "a"),
            ("X=1;K8S_POD_NAME=a;IgnoreUnknown=TRUE", "a"),
            ("IgnoreUnknown=tRuE;=1;K8S_POD_NAME=a", "a"),
            ("IgnoreUnknown=1;k8s_pod_name=a", nil),
        ] as [(String, String?)]
    )
    func readsThePodName(_ text: String, _ name: String?) throws {
        #expect(try CNIArguments(parsing: text).podName == name)
    }

    @Test(arguments: [
        ("some;extra;args", "CNI_ARGS: pair 1 must be KEY=VALUE"),
        (";", "CNI_ARGS: pair 1 must be KEY=VALUE"),
        ("IP=a;;GATEWAY=b", "CNI_ARGS: pair 2 must be KEY=VALUE"),
        ("IP=a;;", "CNI_ARGS: pair 2 must be KEY=VALUE"),
        (";IP=a", "CNI_ARGS: pair 1 must be KEY=VALUE"),
        ("IP=a;K8S_POD_NAME=secret=secret", #"CNI_ARGS: pair 2 ("K8S_POD_NAME") must be KEY=VALUE"#),
        ("==", #"CNI_ARGS: pair 1 ("") must be KEY=VALUE"#),
        ("IP=\u{301}a=b", #"CNI_ARGS: pair 1 ("IP") must be KEY=VALUE"#),
        ("FOO=secret;BAR=secret", #"CNI_ARGS: unknown keys ["FOO", "BAR"]"#),
        ("IgnoreUnknown=1;FOO=secret;IgnoreUnknown=false", #"CNI_ARGS: unknown keys ["FOO"]"#),
        ("ip=10.0.0.1/24", #"CNI_ARGS: unknown keys ["ip"]"#),
        ("IgnoreUnknown=yes", "CNI_ARGS: IgnoreUnknown must be 0, 1, true or false"),
    ])
    func rejects(_ text: String, _ message: String) throws {
        let error = try #require(throws: CNIError.self) { try CNIArguments(parsing: text) }
        #expect(error.code == .invalidEnvironment)
        #expect(error.message == message)
        #expect(!error.description.contains("secret"))
    }
}
