// SPDX-License-Identifier: Apache-2.0
// What one side saw, as the JSON body of an answer and as the line that a peer prints for each connection.
#include "peer.h"

#include <gmssl/version.h>
#include <gmssl/x509_cer.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LEN = 128 };

static int common_name(const TLS_CONNECT *conn, const uint8_t **text, size_t *len)
{
    const uint8_t *list = conn->is_client ? conn->server_certs : conn->client_certs;
    size_t list_len = conn->is_client ? conn->server_certs_len : conn->client_certs_len;
    const uint8_t *leaf, *name;
    size_t leaf_len, name_len;
    int tag;
    return list_len > 0 && x509_certs_get_cert_by_index(list, list_len, 0, &leaf, &leaf_len) == 1 &&
           x509_cert_get_subject(leaf, leaf_len, &name, &name_len) == 1 &&
           x509_name_get_common_name(name, name_len, &tag, text, len) == 1;
}

static int is_plain(uint8_t c)
{
    return c >= ' ' && c < 127 && c != '"' && c != '\\';
}

// The common name of the peer's leaf, with what JSON cannot hold left out; empty where it showed none.
static size_t subject(const TLS_CONNECT *conn, char *out)
{
    const uint8_t *text = NULL;
    size_t len = 0;
    size_t used = 0;
    int found = common_name(conn, &text, &len);
    for (size_t i = 0; found && i < len && used + 1 < NAME_MAX_LEN; i++) {
        if (is_plain(text[i])) {
            out[used++] = (char)text[i];
        }
    }
    out[used] = '\0';
    return used;
}

static size_t count(const TLS_CONNECT *conn)
{
    size_t n = 0;
    const uint8_t *list = conn->is_client ? conn->server_certs : conn->client_certs;
    size_t len = conn->is_client ? conn->server_certs_len : conn->client_certs_len;
    return (len > 0 && x509_certs_get_count(list, len, &n) == 1) ? n : 0;
}

static const char *protocol(const TLS_CONNECT *conn)
{
    return conn->protocol == TLS_protocol_tls13 ? "TLSv1.3" : "TLCP";
}

static const char *suite(const TLS_CONNECT *conn)
{
    switch (conn->cipher_suite) {
    case TLS_cipher_ecc_sm4_cbc_sm3:
        return "ECC_SM4_CBC_SM3";
    case TLS_cipher_sm4_gcm_sm3:
        return "TLS_SM4_GCM_SM3";
    default:
        return "";
    }
}

void peer_report(const TLS_CONNECT *conn, int shaken, int status, const char *error)
{
    char name[NAME_MAX_LEN];
    char shown[NAME_MAX_LEN + 16] = "null";
    char what[256];
    if (shaken && subject(conn, name) > 0) {
        snprintf(shown, sizeof(shown), "\"CN=%s\"", name);
    }
    if (error) {
        snprintf(what, sizeof(what), "null, \"error\": \"%s\"", error);
    } else {
        snprintf(what, sizeof(what), "%d, \"error\": null", status);
    }
    printf("{\"role\": \"%s\", \"implementation\": \"%s\", \"protocol\": \"%s\", \"suite\": \"%s\", \"peer_subject\": %s, "
           "\"peer_certificates\": %zu, \"status\": %s}\n",
           conn->is_client ? "client" : "server", GMSSL_VERSION_STR, protocol(conn), shaken ? suite(conn) : "", shown,
           shaken ? count(conn) : 0, what);
    fflush(stdout);
}

int peer_body(const TLS_CONNECT *conn, char *out, size_t size, int *shown)
{
    char name[NAME_MAX_LEN];
    char certificate[NAME_MAX_LEN + 32] = "null";
    *shown = subject(conn, name) > 0;
    if (*shown) {
        snprintf(certificate, sizeof(certificate), "{\"subject\": \"CN=%s\"}", name);
    }
    return snprintf(out, size, "{\"verified\": %s, \"certificate\": %s, \"protocol\": \"%s\", \"cipher\": \"%s\", \"verify_error\": 0, "
                    "\"sni\": null}\n", *shown ? "true" : "false", certificate, protocol(conn), suite(conn));
}
