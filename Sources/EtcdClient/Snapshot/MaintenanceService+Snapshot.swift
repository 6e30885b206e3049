public import SystemPackage

extension MaintenanceService {
    /// Saves the whole store to a file (etcd API, Maintenance.Snapshot), as `etcdctl snapshot save` does.
    ///
    /// It is the store of the member that serves, at one revision. The file ends with a SHA-256 of what stands before it, which
    /// is checked here and, with the file's name, by `etcdctl snapshot restore`. Only its owner may read it: it holds
    /// all keys, and the users with the hashes of their passwords.
    ///
    /// The file is written beside its place under another name, and comes to its place, in that of a file which is there, when
    /// it is whole and on the disk. After a failure nothing of it is left. A download that breaks is begun anew, as a read is.
    ///
    /// `progress` is called after each piece, on this thread.
    ///
    /// - Throws: `.file` when the file can't be written, `.malformedReply` when size or SHA-256 are wrong, otherwise as
    ///   `EtcdClient.range(_:deadline:)`.
    public func snapshot(
        toFile path: FilePath,
        deadline: Deadline,
        progress: (SnapshotProgress) -> Void = { _ in }
    ) throws(EtcdError) {
        let download = try SnapshotDownload(to: path)
        do throws(EtcdError) {
            try client.stream(
                "/etcdserverpb.Maintenance/Snapshot",
                EmptyRequest(),
                deadline: deadline,
                begin: { () throws(CallFailure) in try download.begin() },
                { reply throws(CallFailure) in
                    try download.take(reply)
                    progress(download.progress)
                    return false
                }
            )
        } catch {
            throw download.fileError ?? error
        }
        try download.finish()
    }
}
