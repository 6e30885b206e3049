#ifndef CGRPCBRIDGE_H
#define CGRPCBRIDGE_H

#include "cgb_arena.h"
#include "cgb_cancellation.h"
#include "cgb_checked.h"
#include "cgb_client.h"
#include "cgb_log.h"
#include "cgb_process.h"
#include "cgb_reply.h"
#include "cgb_sha256_state.h"
#include "cgb_stream.h"
#include "cgb_time.h"
#include "cgb_tls.h"
#include "cgb_tls_connection.h"
#include "etcd/auth.pb-c.h"
#include "etcd/kv.pb-c.h"
#include "etcd/rpc.pb-c.h"

#endif
