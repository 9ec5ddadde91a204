// SPDX-License-Identifier: Apache-2.0
#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "crypto/suite.h"
#include "tests/vectors/rfc8448.h"
#include "wire/codes.h"

#include "hex.h"
#include "suite.h"

enum { SECRET = 32 };

static mt_digest digest_of(const char *hex)
{
    mt_digest d = {0};
    mt_writer w = {0};
    mt_span bytes = from_hex(&w, hex);
    for (size_t i = 0; i < bytes.len; i++)
        d.at[i] = bytes.at[i];
    d.len = bytes.len;
    mt_writer_free(&w);
    return d;
}

/* expand derives from the secret given in hex. */
static mt_digest expand(const char *secret, const char *label, const char *context, size_t len)
{
    mt_digest from = digest_of(secret), with = digest_of(context);
    return mt_hkdf_expand_label(MT_SHA256, mt_digest_span(&from), label, mt_digest_span(&with), len);
}

static const struct {
    const char *what, *private_key, *share, *peer, *shared;
    uint16_t group;
} exchanges[] = {
    {"section 3, client", RFC8448_CLIENT_PRIVATE, RFC8448_CLIENT_SHARE, RFC8448_SERVER_SHARE, RFC8448_SHARED, MT_X25519},
    {"section 3, server", RFC8448_SERVER_PRIVATE, RFC8448_SERVER_SHARE, RFC8448_CLIENT_SHARE, RFC8448_SHARED, MT_X25519},
    {"section 5, client", RFC8448_RETRY_CLIENT_PRIVATE, RFC8448_RETRY_CLIENT_SHARE, RFC8448_RETRY_SERVER_SHARE, RFC8448_RETRY_SHARED,
     MT_SECP256R1},
    {"section 5, server", RFC8448_RETRY_SERVER_PRIVATE, RFC8448_RETRY_SERVER_SHARE, RFC8448_RETRY_CLIENT_SHARE, RFC8448_RETRY_SHARED,
     MT_SECP256R1},
    {"section 6, client", RFC8448_AUTH_CLIENT_PRIVATE, RFC8448_AUTH_CLIENT_SHARE, RFC8448_AUTH_SERVER_SHARE, RFC8448_AUTH_SHARED,
     MT_X25519},
    {"section 6, server", RFC8448_AUTH_SERVER_PRIVATE, RFC8448_AUTH_SERVER_SHARE, RFC8448_AUTH_CLIENT_SHARE, RFC8448_AUTH_SHARED,
     MT_X25519},
};

START_TEST(shares_and_secrets)
{
    mt_writer private_key = {0}, peer = {0}, secret = {0};
    mt_exchange *x = mt_exchange_from(exchanges[_i].group, from_hex(&private_key, exchanges[_i].private_key));
    check_hex(mt_exchange_share(x), exchanges[_i].share);
    ck_assert_msg(mt_exchange_derive(x, from_hex(&peer, exchanges[_i].peer), &secret), "%s", exchanges[_i].what);
    check_hex(mt_written(&secret), exchanges[_i].shared);
    mt_exchange_free(x);
    mt_writer_free(&private_key);
    mt_writer_free(&peer);
    mt_writer_free(&secret);
}
END_TEST

static const struct {
    const char *hash, *messages[11];
} transcripts[] = {
    {RFC8448_HELLOS_HASH, {RFC8448_CLIENT_HELLO, RFC8448_SERVER_HELLO}},
    {RFC8448_SERVER_FINISHED_HASH,
     {RFC8448_CLIENT_HELLO, RFC8448_SERVER_HELLO, RFC8448_ENCRYPTED_EXTENSIONS, RFC8448_CERTIFICATE, RFC8448_CERTIFICATE_VERIFY,
      RFC8448_SERVER_FINISHED}},
    {RFC8448_CLIENT_FINISHED_HASH,
     {RFC8448_CLIENT_HELLO, RFC8448_SERVER_HELLO, RFC8448_ENCRYPTED_EXTENSIONS, RFC8448_CERTIFICATE, RFC8448_CERTIFICATE_VERIFY,
      RFC8448_SERVER_FINISHED, RFC8448_CLIENT_FINISHED}},
    {RFC8448_AUTH_CLIENT_FINISHED_HASH,
     {RFC8448_AUTH_CLIENT_HELLO, RFC8448_AUTH_SERVER_HELLO, RFC8448_AUTH_ENCRYPTED_EXTENSIONS, RFC8448_AUTH_CERTIFICATE_REQUEST,
      RFC8448_AUTH_SERVER_CERTIFICATE, RFC8448_AUTH_SERVER_CERTIFICATE_VERIFY, RFC8448_AUTH_SERVER_FINISHED,
      RFC8448_AUTH_CLIENT_CERTIFICATE, RFC8448_AUTH_CLIENT_CERTIFICATE_VERIFY, RFC8448_AUTH_CLIENT_FINISHED}},
};

START_TEST(transcript_hashes)
{
    mt_running_hash *h = mt_running_hash_new(MT_SHA256);
    for (const char *const *m = transcripts[_i].messages; *m != NULL; m++) {
        mt_writer w = {0};
        mt_running_hash_add(h, from_hex(&w, *m));
        mt_writer_free(&w);
    }
    mt_digest d = mt_running_hash_value(h);
    check_hex(mt_digest_span(&d), transcripts[_i].hash);
    mt_running_hash_free(h);
}
END_TEST

/* RFC 8446 4.4.1: the first ClientHello is replaced by message_hash of its hash. */
START_TEST(transcript_hash_after_a_retry)
{
    mt_writer w = {0};
    mt_digest first = mt_hash(MT_SHA256, from_hex(&w, RFC8448_RETRY_CLIENT_HELLO_1));
    mt_writer_clear(&w);
    mt_write_uint(&w, 254, 1);
    mt_write_vec(&w, 3, mt_digest_span(&first));
    from_hex(&w, RFC8448_RETRY_REQUEST);
    from_hex(&w, RFC8448_RETRY_CLIENT_HELLO_2);
    mt_digest d = mt_hash(MT_SHA256, from_hex(&w, RFC8448_RETRY_SERVER_HELLO));
    check_hex(mt_digest_span(&d), RFC8448_RETRY_HELLOS_HASH);
    mt_writer_free(&w);
}
END_TEST

static const struct {
    const char *salt, *secret, *out;
} extractions[] = {
    {"", "0000000000000000000000000000000000000000000000000000000000000000", RFC8448_EARLY_SECRET},
    {RFC8448_EARLY_DERIVED, RFC8448_SHARED, RFC8448_HANDSHAKE_SECRET},
    {RFC8448_HANDSHAKE_DERIVED, "0000000000000000000000000000000000000000000000000000000000000000", RFC8448_MASTER_SECRET},
    {RFC8448_EARLY_DERIVED, RFC8448_RETRY_SHARED, RFC8448_RETRY_HANDSHAKE_SECRET},
    {RFC8448_EARLY_DERIVED, RFC8448_AUTH_SHARED, RFC8448_AUTH_HANDSHAKE_SECRET},
};

START_TEST(extracts)
{
    mt_digest salt = digest_of(extractions[_i].salt), secret = digest_of(extractions[_i].secret);
    mt_digest out = mt_hkdf_extract(MT_SHA256, mt_digest_span(&salt), mt_digest_span(&secret));
    check_hex(mt_digest_span(&out), extractions[_i].out);
}
END_TEST

#define EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct {
    const char *secret, *label, *context, *out;
    size_t len;
} expansions[] = {
    {RFC8448_EARLY_SECRET, "derived", EMPTY_HASH, RFC8448_EARLY_DERIVED, SECRET},
    {RFC8448_HANDSHAKE_SECRET, "derived", EMPTY_HASH, RFC8448_HANDSHAKE_DERIVED, SECRET},
    {RFC8448_HANDSHAKE_SECRET, "c hs traffic", RFC8448_HELLOS_HASH, RFC8448_CLIENT_HANDSHAKE_TRAFFIC, SECRET},
    {RFC8448_HANDSHAKE_SECRET, "s hs traffic", RFC8448_HELLOS_HASH, RFC8448_SERVER_HANDSHAKE_TRAFFIC, SECRET},
    {RFC8448_MASTER_SECRET, "c ap traffic", RFC8448_SERVER_FINISHED_HASH, RFC8448_CLIENT_APPLICATION_TRAFFIC, SECRET},
    {RFC8448_MASTER_SECRET, "s ap traffic", RFC8448_SERVER_FINISHED_HASH, RFC8448_SERVER_APPLICATION_TRAFFIC, SECRET},
    {RFC8448_MASTER_SECRET, "exp master", RFC8448_SERVER_FINISHED_HASH, RFC8448_EXPORTER_MASTER, SECRET},
    {RFC8448_MASTER_SECRET, "res master", RFC8448_CLIENT_FINISHED_HASH, RFC8448_RESUMPTION_MASTER, SECRET},
    {RFC8448_RESUMPTION_MASTER, "resumption", "0000", RFC8448_RESUMPTION_SECRET, SECRET},
    {RFC8448_SERVER_HANDSHAKE_TRAFFIC, "key", "", RFC8448_SERVER_HANDSHAKE_KEY, 16},
    {RFC8448_SERVER_HANDSHAKE_TRAFFIC, "iv", "", RFC8448_SERVER_HANDSHAKE_IV, 12},
    {RFC8448_SERVER_HANDSHAKE_TRAFFIC, "finished", "", RFC8448_SERVER_FINISHED_KEY, SECRET},
    {RFC8448_CLIENT_HANDSHAKE_TRAFFIC, "key", "", RFC8448_CLIENT_HANDSHAKE_KEY, 16},
    {RFC8448_CLIENT_HANDSHAKE_TRAFFIC, "iv", "", RFC8448_CLIENT_HANDSHAKE_IV, 12},
    {RFC8448_CLIENT_HANDSHAKE_TRAFFIC, "finished", "", RFC8448_CLIENT_FINISHED_KEY, SECRET},
    {RFC8448_SERVER_APPLICATION_TRAFFIC, "key", "", RFC8448_SERVER_APPLICATION_KEY, 16},
    {RFC8448_SERVER_APPLICATION_TRAFFIC, "iv", "", RFC8448_SERVER_APPLICATION_IV, 12},
    {RFC8448_CLIENT_APPLICATION_TRAFFIC, "key", "", RFC8448_CLIENT_APPLICATION_KEY, 16},
    {RFC8448_CLIENT_APPLICATION_TRAFFIC, "iv", "", RFC8448_CLIENT_APPLICATION_IV, 12},
    {RFC8448_RETRY_HANDSHAKE_SECRET, "c hs traffic", RFC8448_RETRY_HELLOS_HASH, RFC8448_RETRY_CLIENT_HANDSHAKE_TRAFFIC, SECRET},
    {RFC8448_RETRY_HANDSHAKE_SECRET, "s hs traffic", RFC8448_RETRY_HELLOS_HASH, RFC8448_RETRY_SERVER_HANDSHAKE_TRAFFIC, SECRET},
};

START_TEST(expands)
{
    mt_digest out = expand(expansions[_i].secret, expansions[_i].label, expansions[_i].context, expansions[_i].len);
    check_hex(mt_digest_span(&out), expansions[_i].out);
}
END_TEST

static mt_protection *protection_of(const char *key, const char *iv)
{
    mt_digest k = digest_of(key), v = digest_of(iv);
    return mt_protection_new(mt_suite_find(0x1301), mt_digest_span(&k), mt_digest_span(&v));
}

#define AUTH_SERVER_FLIGHT \
    RFC8448_AUTH_ENCRYPTED_EXTENSIONS RFC8448_AUTH_CERTIFICATE_REQUEST RFC8448_AUTH_SERVER_CERTIFICATE \
    RFC8448_AUTH_SERVER_CERTIFICATE_VERIFY RFC8448_AUTH_SERVER_FINISHED
#define AUTH_CLIENT_FLIGHT RFC8448_AUTH_CLIENT_CERTIFICATE RFC8448_AUTH_CLIENT_CERTIFICATE_VERIFY RFC8448_AUTH_CLIENT_FINISHED
#define SERVER_FLIGHT \
    RFC8448_ENCRYPTED_EXTENSIONS " " RFC8448_CERTIFICATE " " RFC8448_CERTIFICATE_VERIFY " " RFC8448_SERVER_FINISHED

/* Records of one direction in their order, each with its plaintext. */
static const struct {
    const char *key, *iv;
    struct {
        const char *record, *plain;
        uint8_t type;
    } records[4];
} directions[] = {
    {RFC8448_SERVER_HANDSHAKE_KEY, RFC8448_SERVER_HANDSHAKE_IV, {{RFC8448_SERVER_FLIGHT_RECORD, SERVER_FLIGHT, MT_HANDSHAKE}}},
    {RFC8448_CLIENT_HANDSHAKE_KEY, RFC8448_CLIENT_HANDSHAKE_IV, {{RFC8448_CLIENT_FINISHED_RECORD, RFC8448_CLIENT_FINISHED, MT_HANDSHAKE}}},
    {RFC8448_AUTH_SERVER_HANDSHAKE_KEY,
     RFC8448_AUTH_SERVER_HANDSHAKE_IV,
     {{RFC8448_AUTH_SERVER_FLIGHT_RECORD, AUTH_SERVER_FLIGHT, MT_HANDSHAKE}}},
    {RFC8448_AUTH_CLIENT_HANDSHAKE_KEY,
     RFC8448_AUTH_CLIENT_HANDSHAKE_IV,
     {{RFC8448_AUTH_CLIENT_FLIGHT_RECORD, AUTH_CLIENT_FLIGHT, MT_HANDSHAKE}}},
    {RFC8448_SERVER_APPLICATION_KEY,
     RFC8448_SERVER_APPLICATION_IV,
     {{RFC8448_TICKET_RECORD, RFC8448_NEW_SESSION_TICKET, MT_HANDSHAKE},
      {RFC8448_SERVER_DATA_RECORD, RFC8448_APPLICATION_DATA, MT_APPLICATION_DATA},
      {RFC8448_SERVER_ALERT_RECORD, "0100", MT_ALERT}}},
    {RFC8448_CLIENT_APPLICATION_KEY,
     RFC8448_CLIENT_APPLICATION_IV,
     {{RFC8448_CLIENT_DATA_RECORD, RFC8448_APPLICATION_DATA, MT_APPLICATION_DATA}, {RFC8448_CLIENT_ALERT_RECORD, "0100", MT_ALERT}}},
};

START_TEST(opens_the_records)
{
    mt_protection *p = protection_of(directions[_i].key, directions[_i].iv);
    for (size_t i = 0; directions[_i].records[i].record != NULL; i++) {
        mt_writer in = {0}, out = {0};
        mt_record r;
        uint8_t type = 0;
        ck_assert(mt_record_next(from_hex(&in, directions[_i].records[i].record), &r) == MT_FRAME_WHOLE);
        ck_assert(mt_unprotect(p, &out, &r, &type));
        ck_assert_uint_eq(type, directions[_i].records[i].type);
        check_hex(mt_written(&out), directions[_i].records[i].plain);
        mt_writer_free(&in);
        mt_writer_free(&out);
    }
    mt_protection_free(p);
}
END_TEST

START_TEST(makes_the_same_records)
{
    mt_protection *p = protection_of(directions[_i].key, directions[_i].iv);
    for (size_t i = 0; directions[_i].records[i].record != NULL; i++) {
        mt_writer plain = {0}, out = {0};
        from_hex(&plain, directions[_i].records[i].plain);
        mt_protect(p, &out, directions[_i].records[i].type, mt_written(&plain), 0);
        check_hex(mt_written(&out), directions[_i].records[i].record);
        mt_writer_free(&plain);
        mt_writer_free(&out);
    }
    mt_protection_free(p);
}
END_TEST

#define MESSAGES RFC8448_CLIENT_HELLO RFC8448_SERVER_HELLO RFC8448_ENCRYPTED_EXTENSIONS RFC8448_CERTIFICATE
#define AUTH_HELLOS RFC8448_AUTH_CLIENT_HELLO RFC8448_AUTH_SERVER_HELLO
#define AUTH_UP_TO_SERVER_CERTIFICATE \
    AUTH_HELLOS RFC8448_AUTH_ENCRYPTED_EXTENSIONS RFC8448_AUTH_CERTIFICATE_REQUEST RFC8448_AUTH_SERVER_CERTIFICATE

static const struct {
    const char *key, *messages, *finished;
} finisheds[] = {
    {RFC8448_SERVER_FINISHED_KEY, MESSAGES RFC8448_CERTIFICATE_VERIFY, RFC8448_SERVER_FINISHED},
    {RFC8448_CLIENT_FINISHED_KEY, MESSAGES RFC8448_CERTIFICATE_VERIFY RFC8448_SERVER_FINISHED, RFC8448_CLIENT_FINISHED},
    {RFC8448_AUTH_CLIENT_FINISHED_KEY,
     AUTH_HELLOS AUTH_SERVER_FLIGHT RFC8448_AUTH_CLIENT_CERTIFICATE RFC8448_AUTH_CLIENT_CERTIFICATE_VERIFY,
     RFC8448_AUTH_CLIENT_FINISHED},
};

START_TEST(finished_is_a_mac_of_the_transcript)
{
    mt_writer all = {0}, want = {0};
    mt_digest key = digest_of(finisheds[_i].key);
    mt_digest hash = mt_hash(MT_SHA256, from_hex(&all, finisheds[_i].messages));
    mt_digest mac = mt_hmac(MT_SHA256, mt_digest_span(&key), mt_digest_span(&hash));
    ck_assert(mt_span_equal(mt_span_skip(from_hex(&want, finisheds[_i].finished), 4), mt_digest_span(&mac)));
    mt_writer_free(&all);
    mt_writer_free(&want);
}
END_TEST

/* Where the SubjectPublicKeyInfo lies in the Certificate message, and the signature in CertificateVerify. */
enum { SIGNATURE_AT = 8 };

static const struct {
    const char *certificate;
    size_t spki_at, spki_len;
    const char *context, *messages, *verify;
    uint16_t scheme;
} verifies[] = {
    {RFC8448_CERTIFICATE, 106, 162, "server", MESSAGES, RFC8448_CERTIFICATE_VERIFY, 0x0804},
    {RFC8448_AUTH_SERVER_CERTIFICATE, 112, 91, "server", AUTH_UP_TO_SERVER_CERTIFICATE, RFC8448_AUTH_SERVER_CERTIFICATE_VERIFY, 0x0403},
    {RFC8448_AUTH_CLIENT_CERTIFICATE, 112, 162, "client", AUTH_HELLOS AUTH_SERVER_FLIGHT RFC8448_AUTH_CLIENT_CERTIFICATE,
     RFC8448_AUTH_CLIENT_CERTIFICATE_VERIFY, 0x0804},
};

static mt_key *key_in(size_t row)
{
    mt_writer w = {0};
    mt_span message = from_hex(&w, verifies[row].certificate);
    mt_key *k = mt_key_from_spki(mt_span_first(mt_span_skip(message, verifies[row].spki_at), verifies[row].spki_len));
    ck_assert_ptr_nonnull(k);
    mt_writer_free(&w);
    return k;
}

/* RFC 8446 4.4.3. */
static void write_signed_content(size_t row, const char *context, mt_writer *out)
{
    mt_writer all = {0};
    mt_digest hash = mt_hash(MT_SHA256, from_hex(&all, verifies[row].messages));
    memset(mt_write_room(out, 64), 0x20, 64);
    mt_writef(out, "TLS 1.3, %s CertificateVerify", context);
    mt_write_uint(out, 0, 1);
    mt_write_bytes(out, mt_digest_span(&hash));
    mt_writer_free(&all);
}

START_TEST(the_certificate_verify_verifies)
{
    mt_writer verify = {0}, content = {0}, other = {0};
    const mt_scheme *s = mt_scheme_find(verifies[_i].scheme);
    mt_span signature = mt_span_skip(from_hex(&verify, verifies[_i].verify), SIGNATURE_AT);
    mt_key *k = key_in((size_t)_i);
    write_signed_content((size_t)_i, verifies[_i].context, &content);
    write_signed_content((size_t)_i, "nobody", &other);
    ck_assert(mt_verify(k, s, mt_written(&content), signature));
    ck_assert(!mt_verify(k, s, mt_written(&other), signature));
    mt_key_free(k);
    mt_writer_free(&verify);
    mt_writer_free(&content);
    mt_writer_free(&other);
}
END_TEST

static const suite_row rows[] = {
    {&shares_and_secrets, MT_COUNT(exchanges), 0},
    {&transcript_hashes, MT_COUNT(transcripts), 0},
    {&transcript_hash_after_a_retry, 0, 0},
    {&extracts, MT_COUNT(extractions), 0},
    {&expands, MT_COUNT(expansions), 0},
    {&opens_the_records, MT_COUNT(directions), 0},
    {&makes_the_same_records, MT_COUNT(directions), 0},
    {&finished_is_a_mac_of_the_transcript, MT_COUNT(finisheds), 0},
    {&the_certificate_verify_verifies, MT_COUNT(verifies), 0},
};

int main(void)
{
    return suite_run("crypto_rfc8448", rows, MT_COUNT(rows));
}
