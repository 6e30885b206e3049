internal import Reconciliation

@main enum IPReconciler {
    static func main() {
        ReconcilerCommand.runProcess()
    }
}
