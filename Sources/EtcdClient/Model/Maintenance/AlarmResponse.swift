/// The alarms in question (etcd API, message AlarmResponse).
///
/// etcd 3.4 sends no header with it, so that no alarm is no bytes.
struct AlarmResponse: Hashable {
    let alarms: [Alarm]
}
