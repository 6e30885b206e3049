import EtcdLab
import Foundation
import KubernetesLab
import Testing

/// What service accounts of kube-system may do, and what they did.
enum AccountRights {
    /// A server's policy by which it logs each request once, without what is in it.
    static let auditPolicy = """
        {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived", "ResponseStarted"],
         "rules": [{"level": "Metadata"}]}
        """

    /// `verb resource.group/name` of everything that an account may do in a namespace, without what everybody may.
    static func granted(to account: String, in namespace: String, on server: APIServer) throws -> Set<String> {
        let review = """
            {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": "\(namespace)"}}
            """
        let answer = try server.kubectl(
            "create",
            "--raw",
            "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
            "--filename",
            "-",
            "--as=system:serviceaccount:kube-system:\(account)",
            input: review
        )
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        let status = try #require(object?["status"] as? [String: Any])
        #expect(status["incomplete"] as? Bool == false)
        var rights: Set<String> = []
        for rule in try #require(status["resourceRules"] as? [[String: Any]]) {
            let groups = rule["apiGroups"] as? [String] ?? []
            if groups == ["authorization.k8s.io"] || groups == ["authentication.k8s.io"] { continue }
            let names = (rule["resourceNames"] as? [String]).map { $0.map { "/\($0)" } } ?? [""]
            for verb in rule["verbs"] as? [String] ?? [] {
                for resource in rule["resources"] as? [String] ?? [] {
                    for group in groups { rights.formUnion(names.map { "\(verb) \(resource).\(group)\($0)" }) }
                }
            }
        }
        return rights
    }

    /// The same of everything that an account has asked for, by the log of a server with the policy above.
    ///
    /// A watch is logged when it ends.
    static func used(by account: String, log: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Set<
        String
    > {
        var used: Set<String> = []
        for line in log.split(separator: "\n") {
            guard let event = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let user = (event["user"] as? [String: Any])?["username"] as? String,
                user == "system:serviceaccount:kube-system:\(account)", let verb = event["verb"] as? String,
                let object = event["objectRef"] as? [String: Any], let resource = object["resource"] as? String
            else { continue }
            let group = object["apiGroup"] as? String ?? ""
            // Only the lease's right is bound to its name, and only where the name is in the request's path.
            let isNamed = resource == "leases" && verb != "create"
            used.insert("\(verb) \(resource).\(group)" + (isNamed ? "/\(object["name"] as? String ?? "")" : ""))
            let code = (event["responseStatus"] as? [String: Any])?["code"] as? Int
            #expect(code != 403, "\(line)", sourceLocation: sourceLocation)
        }
        return used
    }
}
