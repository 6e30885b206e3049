#include <pthread.h>
#include <stdlib.h>

#include "client.h"
#include "live_objects.h"

struct cgb_cancellation {
    pthread_mutex_t mutex;
    bool is_canceled;
    cancelable *first;
};

cgb_cancellation *cgb_cancellation_create(void) {
    cgb_cancellation *cancellation = cgb_checked(calloc(1, sizeof *cancellation));
    pthread_mutex_init(&cancellation->mutex, NULL);
    cgb_live_objects_add(1);
    return cancellation;
}

void cgb_cancellation_destroy(cgb_cancellation *cancellation) {
    pthread_mutex_destroy(&cancellation->mutex);
    free(cancellation);
    cgb_live_objects_add(-1);
}

void cgb_cancellation_cancel(cgb_cancellation *cancellation) {
    pthread_mutex_lock(&cancellation->mutex);
    if (!cancellation->is_canceled) {
        cancellation->is_canceled = true;
        for (cancelable *item = cancellation->first; item != NULL; item = item->next) item->cancel(item);
    }
    pthread_mutex_unlock(&cancellation->mutex);
}

bool cgb_cancellation_is_canceled(cgb_cancellation *cancellation) {
    pthread_mutex_lock(&cancellation->mutex);
    bool is_canceled = cancellation->is_canceled;
    pthread_mutex_unlock(&cancellation->mutex);
    return is_canceled;
}

void cgb_cancelable_bind(cancelable *self, cgb_cancellation *cancellation, void (*cancel)(cancelable *self)) {
    pthread_mutex_lock(&cancellation->mutex);
    *self = (cancelable){.cancel = cancel, .cancellation = cancellation, .next = cancellation->first};
    if (self->next != NULL) self->next->previous = self;
    cancellation->first = self;
    if (cancellation->is_canceled) cancel(self);
    pthread_mutex_unlock(&cancellation->mutex);
}

void cgb_cancelable_unbind(cancelable *self) {
    cgb_cancellation *cancellation = self->cancellation;
    if (cancellation == NULL) return;
    pthread_mutex_lock(&cancellation->mutex);
    if (self->previous != NULL) self->previous->next = self->next;
    else cancellation->first = self->next;
    if (self->next != NULL) self->next->previous = self->previous;
    *self = (cancelable){0};
    pthread_mutex_unlock(&cancellation->mutex);
}

/// Ends the client's call, and puts an event on its queue: the end of a watch whose deadline has passed.
static void wake(cancelable *self) {
    cgb_client *client = (cgb_client *)((char *)self - offsetof(cgb_client, waiting));
    if (client->call != NULL) grpc_call_cancel(client->call, NULL);
    grpc_channel_watch_connectivity_state(
        client->endpoints[0].channel, GRPC_CHANNEL_IDLE, gpr_inf_past(GPR_CLOCK_MONOTONIC), client->connectivity,
        CGB_WAKE_TAG);
}

void cgb_client_bind(cgb_client *client, cgb_cancellation *cancellation) {
    cgb_cancelable_bind(&client->waiting, cancellation, wake);
}

void cgb_client_await_call(cgb_client *client, grpc_call *call) {
    cgb_cancellation *cancellation = client->waiting.cancellation;
    if (cancellation == NULL) return;
    pthread_mutex_lock(&cancellation->mutex);
    client->call = call;
    if (call != NULL && cancellation->is_canceled) grpc_call_cancel(call, NULL);
    pthread_mutex_unlock(&cancellation->mutex);
}
