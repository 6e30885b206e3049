#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "cgb_tls.h"

// Why this pays: OpenSSL 3.0 constructs every algorithm of a kind at the first use of one, and to read a key it tries the
// decoders of all key types against each other. Both grow with what a provider offers, and the default one offers 130
// ciphers and 80 decoders. docs/design/bridge-and-binary.md has the figures, and what was tried beside this.

#define MOST_KEPT 32

/// The algorithms that stay, by kind of operation, with the first of the names that the default provider gives them.
static const char *const wanted[][8] = {
    // SHA-1 is the fingerprint by which OpenSSL tells certificates apart.
    [OSSL_OP_DIGEST] = {"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"},
    // The random generator is made of the last two.
    [OSSL_OP_CIPHER] = {"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305", "AES-256-CTR", "AES-256-ECB"},
    [OSSL_OP_MAC] = {"HMAC"},
    [OSSL_OP_KDF] = {"HKDF", "TLS13-KDF", "TLS1-PRF"},
    [OSSL_OP_RAND] = {"CTR-DRBG", "SEED-SRC"},
    [OSSL_OP_KEYMGMT] = {"RSA", "RSA-PSS", "EC", "X25519", "ED25519", "HMAC"},
    [OSSL_OP_KEYEXCH] = {"ECDH", "X25519"},
    [OSSL_OP_SIGNATURE] = {"RSA", "ED25519", "ECDSA", "HMAC"},
    [OSSL_OP_DECODER] = {"DER", "RSA", "RSA-PSS", "EC", "ED25519"},
};
#define KINDS (sizeof wanted / sizeof *wanted)

static OSSL_PROVIDER *everything;
// Held to the end of the process; volatile, or they would be optimized away and count as leaks.
static OSSL_PROVIDER *volatile reduced;
static EVP_KEM *volatile anchor;
static OSSL_ALGORITHM kept[KINDS][MOST_KEPT + 1];

/// Whether a decoder is for a form that no key or certificate file of TLS has, or for one that another decoder reads too.
static bool is_needless_form(const char *properties) {
    static const char *const forms[] = {"input=msblob", "input=pvk", "structure=rsa", "structure=ec", "structure=Enc"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (strstr(properties, forms[i]) != NULL) return true;
    }
    return false;
}

static bool is_wanted(int kind, const OSSL_ALGORITHM *algorithm) {
    size_t length = strcspn(algorithm->algorithm_names, ":");
    for (const char *const *name = wanted[kind]; *name != NULL; name++) {
        if (strlen(*name) == length && memcmp(*name, algorithm->algorithm_names, length) == 0) {
            return kind != OSSL_OP_DECODER || !is_needless_form(algorithm->property_definition);
        }
    }
    return false;
}

static void keep(int kind) {
    int ignored;
    const OSSL_ALGORITHM *algorithm = OSSL_PROVIDER_query_operation(everything, kind, &ignored);
    size_t count = 0;
    for (; algorithm != NULL && algorithm->algorithm_names != NULL && count < MOST_KEPT; algorithm++) {
        if (is_wanted(kind, algorithm)) kept[kind][count++] = *algorithm;
    }
}

static const OSSL_ALGORITHM *query(void *context, int kind, int *no_cache) {
    (void)context;
    *no_cache = 0;
    return kind > 0 && (size_t)kind < KINDS && kept[kind][0].algorithm_names != NULL ? kept[kind] : NULL;
}

static int get_capabilities(void *context, const char *name, OSSL_CALLBACK *each, void *argument) {
    (void)context;
    return OSSL_PROVIDER_get_capabilities(everything, name, each, argument);
}

static int initialize(
    const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core, const OSSL_DISPATCH **functions, void **context) {
    (void)handle;
    (void)core;
    static const OSSL_DISPATCH table[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))get_capabilities},
        {0, NULL},
    };
    *functions = table;
    // The algorithms are the default provider's, and so is what they work on.
    *context = OSSL_PROVIDER_get0_provider_ctx(everything);
    return 1;
}

static void reduce(void) {
    // What is not added here is found by name, algorithm by algorithm. The texts of libssl's errors stay.
    OPENSSL_init_crypto(
        OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
            OPENSSL_INIT_NO_ADD_ALL_DIGESTS,
        NULL);
    // The signatures of certificates name their digests.
    EVP_add_digest(EVP_sha1());
    EVP_add_digest(EVP_sha256());
    EVP_add_digest(EVP_sha384());
    EVP_add_digest(EVP_sha512());

    everything = OSSL_PROVIDER_load(NULL, "default");
    if (everything == NULL) return;
    for (size_t kind = 1; kind < KINDS; kind++) {
        if (wanted[kind][0] != NULL) keep((int)kind);
    }
    // An algorithm in use keeps its provider alive. Of key encapsulation there is one algorithm only.
    anchor = EVP_KEM_fetch(NULL, "RSA", NULL);
    if (anchor == NULL || !OSSL_PROVIDER_add_builtin(NULL, "reduced", initialize)) return;
    reduced = OSSL_PROVIDER_load(NULL, "reduced");
    if (reduced == NULL) return;
    // From here on only what was kept is found. Had a step failed, all would be: slower, and not broken.
    OSSL_PROVIDER_unload(everything);
}

void cgb_tls_reduce_openssl(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, reduce);
}
