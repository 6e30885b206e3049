#ifndef CGRPCBRIDGE_H
#define CGRPCBRIDGE_H

#include "cgb_arena.h"
#include "cgb_client.h"
#include "cgb_log.h"
#include "cgb_reply.h"
#include "cgb_time.h"
#include "etcd/kv.pb-c.h"
#include "etcd/rpc.pb-c.h"

#endif
