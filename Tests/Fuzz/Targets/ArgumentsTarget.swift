import CNI

/// Texts of CNI_ARGS.
///
/// An error never shows a value; what is read reads the same when it is written anew.
enum ArgumentsTarget: FuzzTarget {
    static let name = "arguments"

    private static let planted = "pLaNtEd-VaLuE"

    static func read(_ input: Span<UInt8>) {
        let text = text(input)
        do throws(CNIError) {
            let arguments = try CNIArguments(parsing: text)
            expect((try? CNIArguments(parsing: Self.text(arguments))) == arguments, "\(arguments) reads as another")
        } catch {
            expect(error.code == .invalidEnvironment, "\(error) has another code")
        }
        guard !text.contains(planted) else { return }
        for pair in ["IP=\(planted)", "secret=\(planted)", "=\(planted)", "IgnoreUnknown=\(planted)"] {
            do throws(CNIError) {
                _ = try CNIArguments(parsing: "\(text);\(pair)")
            } catch {
                expect(!"\(error)\(error.message)\(error.details)".contains(planted), "\(error) shows a value")
            }
        }
    }

    private static func text(_ arguments: CNIArguments) -> String {
        let values = [
            "K8S_POD_NAME": arguments.podName, "K8S_POD_NAMESPACE": arguments.podNamespace,
            "K8S_POD_INFRA_CONTAINER_ID": arguments.podInfraContainerID, "K8S_POD_UID": arguments.podUID,
            "IP": arguments.ip, "GATEWAY": arguments.gateway,
        ]
        return values.compactMap { key, value in value.map { "\(key)=\($0)" } }.joined(separator: ";")
    }
}
