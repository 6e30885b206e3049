#include <absl/synchronization/mutex.h>

// Debian's build of Abseil records the order in which every lock is taken, to find deadlocks.
__attribute__((constructor)) static void record_no_locks() {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}
