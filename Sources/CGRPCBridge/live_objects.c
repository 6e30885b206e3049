#include "live_objects.h"

#include <stdatomic.h>

#include "cgb_client.h"

static atomic_int_fast64_t live;

void cgb_live_objects_add(int64_t difference) { atomic_fetch_add(&live, difference); }

int64_t cgb_live_objects(void) { return atomic_load(&live); }
