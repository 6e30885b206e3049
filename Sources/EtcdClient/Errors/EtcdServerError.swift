/// The errors that an etcd server has a text for (etcd `api/v3rpc/rpctypes`, 3.4 and 3.5), one case each.
///
/// The raw value is the server's text without the leading "etcdserver: " or "auth: ". A few texts from the consensus layer below come
/// without that lead.
public enum EtcdServerError: String, Sendable, CaseIterable {
    /// A request without a key.
    case emptyKey = "key is not provided"
    /// The key does not exist; said of a put that is to keep what the key has.
    case keyNotFound = "key not found"
    /// A value beside the order to keep the present one.
    case valueProvided = "value is provided"
    /// A lease beside the order to keep the present one.
    case leaseProvided = "lease is provided"
    /// A transaction with more operations than `--max-txn-ops` allows.
    case tooManyOperations = "too many operations in txn request"
    /// A transaction that puts one key twice.
    case duplicateKey = "duplicate key given in txn request"
    /// The client says that it is of a version that the server does not know.
    case invalidClientAPIVersion = "invalid client api version"
    /// An order that the server does not know.
    case invalidSortOption = "invalid sort option"
    /// A revision that was compacted away.
    case compacted = "mvcc: required revision has been compacted"
    /// A revision that there is not yet.
    case futureRevision = "mvcc: required revision is a future revision"
    /// The database has reached its quota (`--quota-backend-bytes`).
    case noSpace = "mvcc: database space exceeded"

    /// There is no such lease, or no longer.
    case leaseNotFound = "requested lease not found"
    /// A grant of a lease with an ID that is in use.
    case leaseExists = "lease already exists"
    /// A lease that is to live longer than etcd allows, 9,000,000,000 seconds.
    case leaseTTLTooLarge = "too large lease TTL"

    /// The server ended a watch.
    case watchCanceled = "watch canceled"

    /// There is a member of that ID already.
    case memberExists = "member ID already exist"
    /// A member has that peer URL already.
    case peerURLExists = "Peer URLs already exists"
    /// A change of the members that would cost the cluster its majority.
    case notEnoughStartedMembers = "re-configuration failed due to not enough started members"
    /// A peer URL that can't be read.
    case badMemberURLs = "given member URLs are invalid"
    /// There is no such member.
    case memberNotFound = "member not found"
    /// A member was to be promoted that votes already.
    case memberNotLearner = "can only promote a learner member"
    /// A learner was to be promoted that lags behind.
    case learnerNotReady = "can only promote a learner member which is in sync with leader"
    /// The cluster has as many learners as it may have.
    case tooManyLearners = "too many learner members in cluster"
    /// The request is meant for another cluster.
    case clusterIDMismatch = "cluster ID mismatch"

    /// A request larger than `--max-request-bytes`.
    case requestTooLarge = "request is too large"
    /// The server has more requests in hand than it can apply.
    case tooManyRequests = "too many requests"

    /// Authentication can't be enabled without the user root.
    case rootUserNotExist = "root user does not exist"
    /// Authentication can't be enabled unless the user root has the role root.
    case rootRoleNotExist = "root user does not have root role"
    /// There is a user of that name already.
    case userExists = "user name already exists"
    /// A request without a user: one that is to be added, or that a call demands.
    case userEmpty = "user name is empty"
    /// There is no such user.
    case userNotFound = "user name not found"
    /// There is a role of that name already.
    case roleExists = "role name already exists"
    /// There is no such role.
    case roleNotFound = "role name not found"
    /// A role without a name.
    case roleEmpty = "role name is empty"
    /// The user does not exist, or the password is another one.
    case authenticationFailed = "authentication failed, invalid user ID or password"
    /// A grant without a permission.
    case permissionNotGiven = "permission not given"
    /// The user may not do that.
    case permissionDenied = "permission denied"
    /// The user does not have the role that is to be taken away.
    case roleNotGranted = "role is not granted to the user"
    /// The role does not have the permission that is to be taken away.
    case permissionNotGranted = "permission is not granted to the role"
    /// The cluster does without users.
    case authenticationNotEnabled = "authentication is not enabled"
    /// The token was forgotten, or has expired.
    case invalidAuthToken = "invalid auth token"
    /// A change that would lock everybody out, such as the removal of the user root.
    case invalidAuthManagement = "invalid auth management"
    /// Users or roles were changed while the request was under way.
    case authRevisionOld = "revision of auth store is old"

    /// The member knows of no leader.
    case noLeader = "no leader"
    /// Only the leader can do that.
    case notLeader = "not leader"
    /// The leader changed while the request was under way.
    case leaderChanged = "leader changed"
    /// The cluster as a whole is not of a version that can do that.
    case notCapable = "not capable"
    /// The member is stopping.
    case stopped = "server stopped"
    /// The cluster did not agree on the request in time.
    case timeout = "request timed out"
    /// The same, most likely because the leader failed.
    case timeoutDueToLeaderFailure = "request timed out, possibly due to previous leader failure"
    /// The same, most likely because members lost each other.
    case timeoutDueToConnectionLost = "request timed out, possibly due to connection lost"
    /// The member lags too far behind to answer.
    case timeoutWaitingForAppliedIndex = "request timed out, waiting for the applied index took too long"
    /// A change of the members of a cluster in which some are not well.
    case unhealthy = "unhealthy cluster"
    /// The members' data differ.
    case corrupt = "corrupt cluster"
    /// A learner does not serve such requests.
    case notSupportedForLearner = "rpc not supported for learner"
    /// The member that is to lead can't.
    case badLeaderTransferee = "bad leader transferee"
    /// The cluster does not know its version yet.
    case clusterVersionUnavailable = "cluster version not found during downgrade"
    /// The version to downgrade to can't be read.
    case wrongDowngradeVersionFormat = "wrong downgrade target version format"
    /// The version to downgrade to is not the one before.
    case invalidDowngradeTargetVersion = "invalid downgrade target version"
    /// A downgrade is under way.
    case downgradeInProgress = "cluster has a downgrade job in progress"
    /// There is no downgrade to end.
    case noDowngradeInProgress = "no inflight downgrade job"
    /// The server gave the request up.
    case canceled = "request canceled"
    /// The server's own deadline for the request passed.
    case serverDeadlineExceeded = "context deadline exceeded"
    /// Consensus has stopped with the member.
    case raftStopped = "raft: stopped"
    /// Consensus did not take the request up, for want of a leader.
    case raftProposalDropped = "raft proposal dropped"

    /// Reads the status text of a response; nil when the server's text is none of these.
    public init?(statusText: String) {
        // Some refusals of the maintenance service come as the layer for users puts them.
        let lead = ["etcdserver: ", "auth: "].first(where: statusText.hasPrefix) ?? ""
        let text = String(statusText.dropFirst(lead.count))
        self.init(rawValue: text == "revision in header is old" ? Self.authRevisionOld.rawValue : text)
    }

    /// Whether the same request may well succeed a little later or on another member.
    public var isTransient: Bool {
        switch self {
        case .tooManyRequests, .noLeader, .notLeader, .leaderChanged, .notCapable, .stopped, .timeout,
            .timeoutDueToLeaderFailure, .timeoutDueToConnectionLost, .timeoutWaitingForAppliedIndex, .unhealthy,
            .canceled, .serverDeadlineExceeded, .raftStopped, .raftProposalDropped,
            .notSupportedForLearner:
            true
        default:
            false
        }
    }

    /// Whether a write that met this error may have been applied nevertheless.
    public var leavesOutcomeUnknown: Bool {
        switch self {
        case .leaderChanged, .stopped, .timeout, .timeoutDueToLeaderFailure, .timeoutDueToConnectionLost,
            .timeoutWaitingForAppliedIndex, .canceled, .serverDeadlineExceeded, .raftStopped:
            true
        default:
            false
        }
    }

    /// Whether the server refuses whoever asks rather than what is asked, so that other requests of the same user fare likewise.
    public var refusesUser: Bool {
        switch self {
        case .authenticationFailed, .permissionDenied, .invalidAuthToken, .userEmpty, .userNotFound: true
        default: false
        }
    }

    /// What an operator can do about it, as a sentence; nil when the text says it all.
    public var advice: String? {
        switch self {
        case .noSpace:
            "Free space in etcd (compact and defragment, or raise --quota-backend-bytes), then run: etcdctl alarm disarm."
        case .requestTooLarge:
            "Raise etcd's --max-request-bytes."
        case .tooManyOperations:
            "Raise etcd's --max-txn-ops, or configure fewer ranges for one network."
        case .tooManyRequests:
            "etcd is overloaded: look at its disk latency (etcd_disk_wal_fsync_duration_seconds)."
        case .authenticationFailed:
            "Check the user's name and password."
        case .userEmpty:
            "This etcd demands authentication: configure a user with its password, or a client certificate whose common name is a user's."
        case .permissionDenied:
            "Grant the etcd user read and write permission for the key prefix in question."
        case .noLeader, .notLeader, .unhealthy, .timeoutDueToLeaderFailure, .leaderChanged, .raftProposalDropped:
            "The etcd cluster has no settled leader: check that a majority of its members runs and is connected."
        case .timeout, .timeoutDueToConnectionLost, .timeoutWaitingForAppliedIndex, .serverDeadlineExceeded, .canceled:
            "Check that a majority of the etcd members runs, and the latency of their disks and network."
        case .stopped, .raftStopped:
            "This etcd member is stopping: check that the others run, and name them among the endpoints."
        case .notCapable:
            "The etcd cluster is being set up or upgraded: wait until all its members run the same version."
        case .notSupportedForLearner:
            "This etcd member is a learner: name the voting members as endpoints."
        case .invalidAuthToken, .authRevisionOld:
            "etcd's users were changed while the call was made: repeat it."
        case .corrupt:
            "etcd has raised a corruption alarm: restore the member from a healthy one."
        default:
            nil
        }
    }
}
