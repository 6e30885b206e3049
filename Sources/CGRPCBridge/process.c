#include "cgb_process.h"

#include <unistd.h>

extern char **environ;

char **cgb_environment(void) {
    return environ;
}
