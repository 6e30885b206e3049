/// A question for alarms, or the end of one (etcd API, Maintenance.Alarm).
enum AlarmRequest: Hashable {
    case list
    case disarm(Alarm)
}
