// SPDX-License-Identifier: Apache-2.0
/* CPU time of a client in a full mutual handshake: the engine beside libssl's client, against the same libssl server in
 * memory, with the same suite, group, certificates and judged server chain; no resumption; the engine keeps its trace. And
 * the public-key operations that no client can do without. One line a figure: cell, what, microseconds. */
#include "attempt/trust.h"
#include "base/diag.h"
#include "pki/pki.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <time.h>

enum { ROUNDS = 400, WARM_UP = 20 };

typedef struct cell {
    const char *name;
    uint16_t version, suite;
    const char *ssl_cipher;
    mt_algorithm algorithm;
} cell;

static const cell cells[] = {
    {"tls1.3/ecc", MT_TLS13, 0x1301, "TLS_AES_128_GCM_SHA256", MT_ECC},
    {"tls1.2/ecc", MT_TLS12, 0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256", MT_ECC},
    {"tls1.3/rsa", MT_TLS13, 0x1301, "TLS_AES_128_GCM_SHA256", MT_RSA},
    {"tls1.2/rsa", MT_TLS12, 0xc02f, "ECDHE-RSA-AES128-GCM-SHA256", MT_RSA},
};

/* What both clients and the server use. */
typedef struct scene {
    mt_credential client, server;
    const mt_span *client_roots, *server_roots;
    size_t client_roots_len, server_roots_len;
    SSL_CTX *server_ctx, *client_ctx;
    mt_trust *trust;
    const cell *cell;
} scene;

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(bool ok, const char *what)
{
    if (!ok)
        mt_die("bench: %s", what);
}

static X509 *to_x509(mt_span der)
{
    const unsigned char *at = der.at;
    return d2i_X509(NULL, &at, (long)der.len);
}

static EVP_PKEY *to_pkey(const mt_key *key)
{
    mt_writer pem = {0};
    mt_key_pem(key, &pem);
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    mt_writer_free(&pem);
    return pkey;
}

static SSL_CTX *make_ctx(const SSL_METHOD *method, const cell *c, const mt_credential *own)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    SSL_CTX_set_min_proto_version(ctx, c->version);
    SSL_CTX_set_max_proto_version(ctx, c->version);
    bool tls13 = c->version == MT_TLS13;
    must((tls13 ? SSL_CTX_set_ciphersuites(ctx, c->ssl_cipher) : SSL_CTX_set_cipher_list(ctx, c->ssl_cipher)) == 1, "cipher");
    must(SSL_CTX_set1_groups_list(ctx, "X25519:P-256") == 1, "groups");
    must(SSL_CTX_use_certificate(ctx, to_x509(own->chain[0])) == 1, "certificate");
    must(SSL_CTX_use_PrivateKey(ctx, to_pkey(own->key)) == 1, "key");
    for (size_t i = 1; i < own->chain_len; i++)
        SSL_CTX_add0_chain_cert(ctx, to_x509(own->chain[i]));
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return ctx;
}

static void trust_roots(SSL_CTX *ctx, const mt_span *roots, size_t n)
{
    for (size_t i = 0; i < n; i++)
        X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), to_x509(roots[i]));
}

static SSL *make_server(const scene *s)
{
    SSL *ssl = SSL_new(s->server_ctx);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl);
    return ssl;
}

/* The server's turn: takes `in`, leaves what it says in `out`. Not timed. */
static void serve(SSL *server, mt_span in, mt_writer *out)
{
    uint8_t bytes[8192];
    if (in.len != 0)
        BIO_write(SSL_get_rbio(server), in.at, (int)in.len);
    SSL_do_handshake(server);
    mt_writer_clear(out);
    for (int n = BIO_read(SSL_get_wbio(server), bytes, sizeof bytes); n > 0; n = BIO_read(SSL_get_wbio(server), bytes, sizeof bytes))
        mt_write_bytes(out, mt_span_of(bytes, (size_t)n));
}

static void drain_trace(mt_engine *e)
{
    mt_trace_line line;
    while (mt_engine_trace_next(e, &line))
        continue;
}

static bool trusts(void *self, const mt_span *chain, size_t n, uint8_t *alert, char text[200])
{
    return mt_trust_accepts(self, &(mt_trust_asked){chain, n, MT_LEAF_SIGNS}, alert, text);
}

static double engine_once(const scene *s)
{
    uint16_t suites[] = {s->cell->suite, 0};
    mt_engine_config c = {.role = MT_CLIENT, .version = s->cell->version, .suites = suites, .sni = "localhost",
                          .identity = {.chain = s->client.chain, .chain_len = s->client.chain_len, .key = s->client.key},
                          .judge = {trusts, s->trust}};
    SSL *server = make_server(s);
    mt_writer answer = {0};
    double spent = -cpu_us();
    mt_engine *e = mt_engine_new(&c);
    spent += cpu_us();
    while (mt_engine_output(e).len != 0) {
        serve(server, mt_engine_output(e), &answer);
        spent -= cpu_us();
        mt_engine_sent(e, mt_engine_output(e).len);
        mt_engine_feed(e, mt_written(&answer));
        drain_trace(e);
        spent += cpu_us();
    }
    must(SSL_is_init_finished(server) && mt_engine_info_of(e)->phase == MT_PHASE_OPEN, "the engine's handshake does not end well");
    spent -= cpu_us();
    mt_engine_free(e);
    spent += cpu_us();
    SSL_free(server);
    mt_writer_free(&answer);
    return spent;
}

static double libssl_once(const scene *s)
{
    SSL *server = make_server(s);
    mt_writer answer = {0}, said = {0};
    uint8_t bytes[8192];
    double spent = -cpu_us();
    SSL *ssl = SSL_new(s->client_ctx);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_tlsext_host_name(ssl, "localhost");
    SSL_set1_host(ssl, "localhost");
    SSL_set_connect_state(ssl);
    spent += cpu_us();
    do {
        spent -= cpu_us();
        BIO_write(SSL_get_rbio(ssl), answer.at, (int)answer.len);
        SSL_do_handshake(ssl);
        mt_writer_clear(&said);
        for (int n = BIO_read(SSL_get_wbio(ssl), bytes, sizeof bytes); n > 0; n = BIO_read(SSL_get_wbio(ssl), bytes, sizeof bytes))
            mt_write_bytes(&said, mt_span_of(bytes, (size_t)n));
        spent += cpu_us();
        serve(server, mt_written(&said), &answer);
    } while (answer.len != 0);
    must(SSL_is_init_finished(server) && SSL_is_init_finished(ssl), "libssl's handshake does not end well");
    spent -= cpu_us();
    SSL_free(ssl);
    spent += cpu_us();
    SSL_free(server);
    mt_writer_free(&answer);
    mt_writer_free(&said);
    return spent;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double (*once)(const scene *), const scene *s)
{
    double spent[ROUNDS];
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        double one = once(s);
        if (i >= 0)
            spent[i] = one;
    }
    qsort(spent, ROUNDS, sizeof spent[0], by_value);
    return spent[ROUNDS / 2];
}

/* ---- the floor: what EVP takes for the operations themselves ---- */

static double floor_once(const scene *s)
{
    EVP_PKEY *key = to_pkey(s->client.key), *peer = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    uint8_t secret[64], message[146] = {0}, signature[512];
    size_t secret_len = sizeof secret, len = sizeof signature;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key);
    EVP_DigestSign(md, signature, &len, message, sizeof message);
    EVP_MD_CTX_reset(md);
    len = sizeof signature;
    double spent = -cpu_us();
    EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    EVP_PKEY_CTX *exchange = EVP_PKEY_CTX_new(own, NULL);
    EVP_PKEY_derive_init(exchange);
    EVP_PKEY_derive_set_peer(exchange, peer);
    EVP_PKEY_derive(exchange, secret, &secret_len);
    EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key);
    EVP_DigestSign(md, signature, &len, message, sizeof message);
    EVP_MD_CTX_reset(md);
    EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key);
    bool ok = EVP_DigestVerify(md, signature, len, message, sizeof message) == 1;
    spent += cpu_us();
    must(ok, "the floor's signature");
    EVP_PKEY_free(own);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(exchange);
    EVP_MD_CTX_free(md);
    return spent;
}

static void prepare(scene *s, mt_pki *pki, mt_diag *d)
{
    static const char *const client[] = {"client"}, *const server[] = {"server"};
    mt_presentation of_client = {client, 1, true, s->cell->algorithm, false}, of_server = {server, 1, true, s->cell->algorithm, false};
    must(mt_pki_present(pki, &of_client, &s->client, d) && mt_pki_present(pki, &of_server, &s->server, d), mt_diag_text(d));
    s->client_roots = mt_pki_anchors(pki, &s->client_roots_len, d);
    s->server_roots = mt_pki_server_anchors(pki, &s->server_roots_len, d);
    s->server_ctx = make_ctx(TLS_server_method(), s->cell, &s->server);
    s->client_ctx = make_ctx(TLS_client_method(), s->cell, &s->client);
    trust_roots(s->server_ctx, s->client_roots, s->client_roots_len);
    trust_roots(s->client_ctx, s->server_roots, s->server_roots_len);
    s->trust = mt_trust_new(&(mt_trust_config){s->server_roots, s->server_roots_len, "localhost", false});
}

int main(void)
{
    mt_diag *d = mt_diag_new();
    mt_pki_config config = {.recipes = MT_DATA_DIR "/certs"};
    mt_pki *pki = mt_pki_open(&config, d);
    must(pki != NULL, mt_diag_text(d));
    for (size_t i = 0; i < MT_COUNT(cells); i++) {
        scene s = {.cell = &cells[i]};
        prepare(&s, pki, d);
        printf("%s engine %.1f\n", s.cell->name, median(engine_once, &s));
        printf("%s libssl %.1f\n", s.cell->name, median(libssl_once, &s));
        printf("%s floor %.1f\n", s.cell->name, median(floor_once, &s));
        SSL_CTX_free(s.server_ctx);
        SSL_CTX_free(s.client_ctx);
        mt_trust_free(s.trust);
    }
    mt_pki_free(pki);
    mt_diag_free(d);
    return 0;
}
