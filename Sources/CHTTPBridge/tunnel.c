#include "tunnel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "buffer.h"
#include "cgb_tls_connection.h"
#include "outcome.h"

#define LONGEST_ANSWER 16384

static bool send_all(int file, const buffer *text, int64_t deadline) {
    for (size_t sent = 0; sent < text->count;) {
        ssize_t count = send(file, text->bytes + sent, text->count - sent, MSG_NOSIGNAL);
        if (count >= 0) {
            sent += (size_t)count;
        } else if (errno != EAGAIN && errno != EINTR) {
            return false;
        } else if (!cgb_socket_await(file, true, deadline)) {
            return false;
        }
    }
    return true;
}

/// Reads byte by byte to the empty line, behind which the server's words begin; the length, or -1.
static ptrdiff_t read_answer(int file, char *answer, int64_t deadline) {
    size_t count = 0;
    while (count < LONGEST_ANSWER - 1) {
        ssize_t read = recv(file, answer + count, 1, 0);
        if (read == 0) errno = ECONNRESET;
        if (read == 0 || (read < 0 && errno != EAGAIN && errno != EINTR)) return -1;
        if (read < 0 && !cgb_socket_await(file, false, deadline)) return -1;
        if (read < 0) continue;
        answer[++count] = '\0';
        if (count >= 4 && memcmp(answer + count - 4, "\r\n\r\n", 4) == 0) return (ptrdiff_t)count;
    }
    errno = EMSGSIZE;
    return -1;
}

static void append(buffer *text, const char *part) { buffer_append(text, part, strlen(part)); }

bool tunnel_open(int file, const chb_target *target, int64_t deadline, chb_outcome *outcome) {
    buffer text = {0};
    append(&text, "CONNECT ");
    append(&text, target->tunnel);
    append(&text, " HTTP/1.1\r\nHost: ");
    append(&text, target->tunnel);
    if (target->proxy_authorization != NULL) {
        append(&text, "\r\nProxy-Authorization: ");
        append(&text, target->proxy_authorization);
    }
    append(&text, "\r\n\r\n");
    bool is_sent = send_all(file, &text, deadline);
    buffer_free(&text);
    char answer[LONGEST_ANSWER];
    if (!is_sent || read_answer(file, answer, deadline) < 0) {
        *outcome = outcome_failure(
            errno == ETIMEDOUT ? chb_failure_expired : errno == EMSGSIZE ? chb_failure_proxy : chb_failure_connection,
            "the proxy: %s", strerror(errno));
        return false;
    }
    int status = 0;
    if (sscanf(answer, "HTTP/1.%*1[01] %3d", &status) == 1 && status / 100 == 2) return true;
    // It does not reach the server now.
    chb_failure failure = status / 100 == 5 ? chb_failure_connection : chb_failure_proxy;
    *outcome = outcome_failure(failure, "the proxy answers %.*s", (int)strcspn(answer, "\r\n"), answer);
    return false;
}
