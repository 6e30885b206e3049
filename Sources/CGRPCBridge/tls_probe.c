#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgb_tls_connection.h"
#include "tls_context.h"

cgb_tls_diagnosis cgb_tls_probe(
    const cgb_tls *tls, const char *address, uint16_t port, const char *server_name, int64_t deadline) {
    int file = cgb_socket_connect(address, port, deadline);
    if (file < 0) return cgb_diagnosis(cgb_tls_obstacle_connection, "%s", strerror(errno));
    cgb_tls_diagnosis result;
    cgb_tls_peer peer = {.name = server_name, .is_verified = true};
    cgb_tls_connection *connection = cgb_tls_connection_start(file, tls, peer, deadline, &result);
    if (connection == NULL) {
        close(file);
        return result;
    }
    free(result.details);
    // To write before the server's judgement is known could lose its alert to a reset.
    result = cgb_tls_connection_expect_word(connection, deadline);
    cgb_tls_connection_destroy(connection);
    return result;
}
