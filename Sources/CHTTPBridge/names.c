#include "chb_names.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgb_checked.h"
#include "cgb_time.h"

#define MOST_ADDRESSES 16

/// What a lookup came to.
typedef struct lookup {
    bool is_done;
    int status;
    struct ares_addrinfo *found;
} lookup;

static void finish(void *argument, int status, int timeouts, struct ares_addrinfo *found) {
    (void)timeouts;
    *(lookup *)argument = (lookup){.is_done = true, .status = status, .found = found};
}

/// Lets c-ares work until the lookup is done; what is not by the deadline is canceled.
static void drive(ares_channel channel, const lookup *lookup, int64_t deadline) {
    while (!lookup->is_done) {
        ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
        int wanted = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
        struct pollfd entries[ARES_GETSOCK_MAXNUM];
        nfds_t count = 0;
        for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
            // c-ares' own macros shift a bit into the sign.
            unsigned reads = (unsigned)wanted >> i & 1, writes = (unsigned)wanted >> (i + ARES_GETSOCK_MAXNUM) & 1;
            short events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
            if (events != 0) entries[count++] = (struct pollfd){.fd = sockets[i], .events = events};
        }
        int64_t left = (deadline - cgb_monotonic_now()) / 1000000;
        if (left <= 0) {
            ares_cancel(channel);
            return;
        }
        struct timeval limit = {.tv_sec = left / 1000, .tv_usec = (left % 1000) * 1000}, next;
        const struct timeval *wait = ares_timeout(channel, &limit, &next);
        int ready = poll(entries, count, (int)(wait->tv_sec * 1000 + wait->tv_usec / 1000) + 1);
        if (ready <= 0) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        for (nfds_t i = 0; ready > 0 && i < count; i++) {
            if (entries[i].revents == 0) continue;
            bool reads = entries[i].revents & (POLLIN | POLLERR | POLLHUP), writes = entries[i].revents & POLLOUT;
            ares_process_fd(channel, reads ? entries[i].fd : ARES_SOCKET_BAD, writes ? entries[i].fd : ARES_SOCKET_BAD);
        }
    }
}

/// Appends the addresses of a family.
static void append(char *text, const struct ares_addrinfo *found, int family) {
    size_t count = 0;
    for (const struct ares_addrinfo_node *node = found->nodes; node != NULL && count < MOST_ADDRESSES; node = node->ai_next) {
        if (node->ai_family != family) continue;
        const void *address = family == AF_INET
                                  ? (const void *)&((const struct sockaddr_in *)(const void *)node->ai_addr)->sin_addr
                                  : (const void *)&((const struct sockaddr_in6 *)(const void *)node->ai_addr)->sin6_addr;
        inet_ntop(family, address, text + strlen(text), INET6_ADDRSTRLEN);
        strcat(text, "\n");
        count++;
    }
}

char *chb_resolve(const char *name, int64_t deadline, char **failure) {
    ares_channel channel;
    int status = ares_library_init(ARES_LIB_INIT_ALL);
    struct ares_options options = {.timeout = 2000, .tries = 3};
    if (status == ARES_SUCCESS) status = ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    if (status != ARES_SUCCESS) {
        *failure = cgb_checked(strdup(ares_strerror(status)));
        return NULL;
    }
    lookup lookup = {.is_done = false};
    struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    ares_getaddrinfo(channel, name, NULL, &hints, finish, &lookup);
    drive(channel, &lookup, deadline);
    ares_destroy(channel);
    if (lookup.status != ARES_SUCCESS) {
        const char *text = lookup.status == ARES_ECANCELLED ? "no answer in time" : ares_strerror(lookup.status);
        *failure = cgb_checked(strdup(text));
        return NULL;
    }
    char *text = cgb_checked(calloc(2 * MOST_ADDRESSES, INET6_ADDRSTRLEN + 1));
    append(text, lookup.found, AF_INET);
    append(text, lookup.found, AF_INET6);
    ares_freeaddrinfo(lookup.found);
    return text;
}
