// SPDX-License-Identifier: Apache-2.0
/* The engine against libssl in memory, in both roles: an implementation that does not share our mistakes. The key log of both
 * sides must say the same secrets. */
#include "base/writer.h"
#include "engine_pair.h"
#include "suite.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

/* A key of ours with a self-signed certificate made by libcrypto. */
typedef struct person {
    mt_key *key;
    EVP_PKEY *pkey;
    X509 *x509;
    mt_writer der;
    mt_span chain[1];
} person;

static void make_person(person *p, mt_key_kind kind)
{
    mt_writer pem = {0};
    p->key = mt_key_make(kind, 0);
    mt_key_pem(p->key, &pem);
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    p->pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    p->x509 = X509_new();
    X509_set_version(p->x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(p->x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(p->x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(p->x509), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(p->x509), "CN", MBSTRING_ASC, (const unsigned char *)"engine", -1, -1, 0);
    X509_set_issuer_name(p->x509, X509_get_subject_name(p->x509));
    X509_set_pubkey(p->x509, p->pkey);
    ck_assert_int_gt(X509_sign(p->x509, p->pkey, kind == MT_KEY_ED25519 ? NULL : EVP_sha256()), 0);
    unsigned char *der = NULL;
    int n = i2d_X509(p->x509, &der);
    ck_assert_int_gt(n, 0);
    p->der = (mt_writer){0};
    mt_write_bytes(&p->der, mt_span_of(der, (size_t)n));
    p->chain[0] = mt_written(&p->der);
    OPENSSL_free(der);
    mt_writer_free(&pem);
}

static void free_person(person *p)
{
    mt_key_free(p->key);
    EVP_PKEY_free(p->pkey);
    X509_free(p->x509);
    mt_writer_free(&p->der);
}

static int accept_any(int ok, X509_STORE_CTX *store)
{
    (void)ok, (void)store;
    return 1;
}

static mt_writer libssl_log, engine_log;

static void log_libssl(const SSL *ssl, const char *line)
{
    (void)ssl;
    mt_writef(&libssl_log, "%s\n", line);
}

static void log_engine(void *self, const char *line)
{
    (void)self;
    mt_writef(&engine_log, "%s\n", line);
}

static void read_plain(SSL *ssl, const char *wanted)
{
    char plain[64];
    int n = SSL_read(ssl, plain, sizeof plain);
    ck_assert_int_eq(n, (int)strlen(wanted));
    ck_assert_int_eq(memcmp(plain, wanted, (size_t)n), 0);
}

static size_t carry(mt_engine *e, SSL *ssl)
{
    uint8_t bytes[4096];
    mt_span out = mt_engine_output(e);
    size_t moved = out.len;
    if (out.len != 0)
        BIO_write(SSL_get_rbio(ssl), out.at, (int)out.len);
    mt_engine_sent(e, moved);
    if (!SSL_is_init_finished(ssl))
        SSL_do_handshake(ssl);
    for (int n = BIO_read(SSL_get_wbio(ssl), bytes, sizeof bytes); n > 0; n = BIO_read(SSL_get_wbio(ssl), bytes, sizeof bytes)) {
        mt_engine_feed(e, mt_span_of(bytes, (size_t)n));
        moved += (size_t)n;
    }
    return moved;
}

static void pump(mt_engine *e, SSL *ssl)
{
    for (int i = 0; i < 20 && carry(e, ssl) != 0; i++)
        continue;
}

static SSL *make_ssl(SSL_CTX *ctx, const person *who, bool server)
{
    SSL_CTX_set_keylog_callback(ctx, log_libssl);
    SSL_CTX_use_certificate(ctx, who->x509);
    SSL_CTX_use_PrivateKey(ctx, who->pkey);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
    SSL *ssl = SSL_new(ctx);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (server)
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
    return ssl;
}

typedef struct cell {
    uint16_t suite;
    mt_key_kind client, server;
    const char *groups; /* of libssl */
} cell;

static const cell cells[] = {
    {0xc02f, MT_KEY_RSA, MT_KEY_RSA, "X25519"},      {0xc030, MT_KEY_P256, MT_KEY_RSA, "P-256"},
    {0xc02b, MT_KEY_P384, MT_KEY_P256, "P-384:P-256"}, {0xc02c, MT_KEY_ED25519, MT_KEY_P384, "X25519:P-384"},
    {0x1301, MT_KEY_RSA, MT_KEY_RSA, "X25519"},      {0x1302, MT_KEY_P256, MT_KEY_P256, "P-256"},
    {0x1303, MT_KEY_P384, MT_KEY_P384, "P-384"},     {0x1301, MT_KEY_ED25519, MT_KEY_ED25519, "X25519"},
    {0x1302, MT_KEY_ED25519, MT_KEY_RSA, "P-384"},   {0xcca8, MT_KEY_P256, MT_KEY_RSA, "X25519:P-256"},
    {0xcca9, MT_KEY_RSA, MT_KEY_P256, "P-256"},
};

static void check_both(mt_engine *e, SSL *ssl)
{
    pump(e, ssl);
    ck_assert_msg(mt_engine_info_of(e)->phase == MT_PHASE_OPEN, "engine: %s, alert received %d", mt_engine_info_of(e)->fault,
                  mt_engine_info_of(e)->alert_received);
    ck_assert(SSL_is_init_finished(ssl));
    ck_assert(mt_engine_info_of(e)->peer_proved);
    mt_engine_write(e, mt_span_text("ping"));
    pump(e, ssl);
    read_plain(ssl, "ping");
    SSL_write(ssl, "pong", 4);
    pump(e, ssl);
    ck_assert(mt_span_equal(mt_engine_received(e), mt_span_text("pong")));
}

/* TLS 1.3 logs in another order on each side: every line of ours must be one of theirs. */
static void check_logs(void)
{
    char *ours = mt_strdup(mt_writer_text(&engine_log)), *rest = ours;
    size_t lines = 0;
    for (char *line = strtok_r(rest, "\n", &rest); line != NULL; line = strtok_r(rest, "\n", &rest), lines++)
        ck_assert_msg(strstr(mt_writer_text(&libssl_log), line) != NULL, "libssl does not know: %s", line);
    ck_assert_uint_ge(lines, 1);
    mt_free(ours);
    mt_writer_free(&engine_log);
    mt_writer_free(&libssl_log);
}

static void handshake(const cell *c, mt_role role)
{
    person us, them;
    make_person(&us, role == MT_CLIENT ? c->client : c->server);
    make_person(&them, role == MT_CLIENT ? c->server : c->client);
    uint16_t suites[] = {c->suite, 0};
    mt_identity who = {.chain = us.chain, .chain_len = 1, .key = us.key};
    mt_engine_config config = {.role = role, .version = mt_suite_find(c->suite)->version, .suites = suites, .identity = who,
                               .identities = &who, .identities_len = 1, .request = MT_REQUEST_REQUIRED, .keylog = log_engine};
    us.chain[0] = mt_written(&us.der);
    SSL_CTX *ctx = SSL_CTX_new(role == MT_CLIENT ? TLS_server_method() : TLS_client_method());
    SSL *ssl = make_ssl(ctx, &them, role == MT_CLIENT);
    ck_assert_int_eq(SSL_set1_groups_list(ssl, c->groups), 1);
    mt_engine *e = mt_engine_new(&config);
    check_both(e, ssl);
    check_logs();
    mt_engine_free(e);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    free_person(&us);
    free_person(&them);
}

START_TEST(engine_is_client)
{
    handshake(&cells[_i], MT_CLIENT);
}
END_TEST

START_TEST(engine_is_server)
{
    handshake(&cells[_i], MT_SERVER);
}
END_TEST

START_TEST(every_suite_has_a_cell)
{
    for (size_t i = 0; i < mt_suite_count; i++) {
        bool found = mt_suite_rows[i].auth == MT_AUTH_SM2; /* libssl 3.0 has none of these */
        for (size_t c = 0; c < MT_COUNT(cells); c++)
            found = found || cells[c].suite == mt_suite_rows[i].code;
        ck_assert_msg(found, "suite 0x%04x is not tried with libssl", mt_suite_rows[i].code);
    }
}
END_TEST

int main(void)
{
    static const suite_row rows[] = {
        {&every_suite_has_a_cell, 0, 0},
        {&engine_is_client, MT_COUNT(cells), 0},
        {&engine_is_server, MT_COUNT(cells), 0},
    };
    return suite_run("engine_libssl", rows, MT_COUNT(rows));
}
