#include <grpc/support/cpu.h>

// gRPC starts a thread for each processor, up to 32 and more, before the first call. Both functions stand in one object of libgpr, whose
// place this one takes, in a static file and in a dynamic one alike.

unsigned gpr_cpu_num_cores(void) {
    return 1;
}

unsigned gpr_cpu_current_cpu(void) {
    return 0;
}
