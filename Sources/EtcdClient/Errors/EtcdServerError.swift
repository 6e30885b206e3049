/// The errors that an etcd server has a text for (etcd `api/v3rpc/rpctypes`, 3.4 and 3.5), one case each.
///
/// The raw value is the server's text without the leading "etcdserver: ". A few texts from the consensus layer below come
/// without that lead.
public enum EtcdServerError: String, Sendable, CaseIterable {
    case emptyKey = "key is not provided"
    case keyNotFound = "key not found"
    case valueProvided = "value is provided"
    case leaseProvided = "lease is provided"
    case tooManyOperations = "too many operations in txn request"
    case duplicateKey = "duplicate key given in txn request"
    case invalidClientAPIVersion = "invalid client api version"
    case invalidSortOption = "invalid sort option"
    case compacted = "mvcc: required revision has been compacted"
    case futureRevision = "mvcc: required revision is a future revision"
    case noSpace = "mvcc: database space exceeded"

    case leaseNotFound = "requested lease not found"
    case leaseExists = "lease already exists"
    case leaseTTLTooLarge = "too large lease TTL"

    case watchCanceled = "watch canceled"

    case memberExists = "member ID already exist"
    case peerURLExists = "Peer URLs already exists"
    case notEnoughStartedMembers = "re-configuration failed due to not enough started members"
    case badMemberURLs = "given member URLs are invalid"
    case memberNotFound = "member not found"
    case memberNotLearner = "can only promote a learner member"
    case learnerNotReady = "can only promote a learner member which is in sync with leader"
    case tooManyLearners = "too many learner members in cluster"
    case clusterIDMismatch = "cluster ID mismatch"

    case requestTooLarge = "request is too large"
    case tooManyRequests = "too many requests"

    case rootUserNotExist = "root user does not exist"
    case rootRoleNotExist = "root user does not have root role"
    case userExists = "user name already exists"
    case userEmpty = "user name is empty"
    case userNotFound = "user name not found"
    case roleExists = "role name already exists"
    case roleNotFound = "role name not found"
    case roleEmpty = "role name is empty"
    case authenticationFailed = "authentication failed, invalid user ID or password"
    case permissionNotGiven = "permission not given"
    case permissionDenied = "permission denied"
    case roleNotGranted = "role is not granted to the user"
    case permissionNotGranted = "permission is not granted to the role"
    case authenticationNotEnabled = "authentication is not enabled"
    case invalidAuthToken = "invalid auth token"
    case invalidAuthManagement = "invalid auth management"
    case authRevisionOld = "revision of auth store is old"

    case noLeader = "no leader"
    case notLeader = "not leader"
    case leaderChanged = "leader changed"
    case notCapable = "not capable"
    case stopped = "server stopped"
    case timeout = "request timed out"
    case timeoutDueToLeaderFailure = "request timed out, possibly due to previous leader failure"
    case timeoutDueToConnectionLost = "request timed out, possibly due to connection lost"
    case timeoutWaitingForAppliedIndex = "request timed out, waiting for the applied index took too long"
    case unhealthy = "unhealthy cluster"
    case corrupt = "corrupt cluster"
    case notSupportedForLearner = "rpc not supported for learner"
    case badLeaderTransferee = "bad leader transferee"
    case clusterVersionUnavailable = "cluster version not found during downgrade"
    case wrongDowngradeVersionFormat = "wrong downgrade target version format"
    case invalidDowngradeTargetVersion = "invalid downgrade target version"
    case downgradeInProgress = "cluster has a downgrade job in progress"
    case noDowngradeInProgress = "no inflight downgrade job"
    case canceled = "request canceled"
    case serverDeadlineExceeded = "context deadline exceeded"
    case raftStopped = "raft: stopped"
    case raftProposalDropped = "raft proposal dropped"

    /// Reads the status text of a response; nil when the server's text is none of these.
    public init?(statusText: String) {
        let lead = "etcdserver: "
        self.init(rawValue: statusText.hasPrefix(lead) ? String(statusText.dropFirst(lead.count)) : statusText)
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
            "This etcd demands authentication, and the client gave none."
        case .permissionDenied:
            "Grant the etcd user read and write permission for the key prefix in question."
        case .noLeader, .unhealthy, .timeoutDueToLeaderFailure, .leaderChanged:
            "The etcd cluster has no settled leader: check that a majority of its members runs and is connected."
        case .timeout, .timeoutDueToConnectionLost, .timeoutWaitingForAppliedIndex, .serverDeadlineExceeded:
            "Check that a majority of the etcd members runs, and the latency of their disks and network."
        case .corrupt:
            "etcd has raised a corruption alarm: restore the member from a healthy one."
        default:
            nil
        }
    }
}
