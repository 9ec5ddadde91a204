// SPDX-License-Identifier: Apache-2.0
#include "crypto/key.h"
#include "crypto/key_inner.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

/* What a file that has no private key holds instead, by the label of its first block. */
static const struct {
    const char *label, *words;
} instead[] = {
    {"CERTIFICATE", "a certificate"},
    {"TRUSTED CERTIFICATE", "a certificate"},
    {"CERTIFICATE REQUEST", "a certificate request"},
    {"NEW CERTIFICATE REQUEST", "a certificate request"},
    {"PUBLIC KEY", "a public key"},
    {"RSA PUBLIC KEY", "a public key"},
    {"X509 CRL", "a revocation list"},
    {"EC PARAMETERS", "curve parameters"},
    {"SM2 PARAMETERS", "curve parameters"},
    {"DH PARAMETERS", "Diffie-Hellman parameters"},
};

enum { LABEL_MAX = 48, DER_FIRST_BYTE = 0x30 };

/* One block of a PEM text. */
typedef struct block {
    char label[LABEL_MAX];
    int line;     /* where it begins; 0: no block */
    mt_span text; /* from its first line to its last */
    bool ended;
} block;

typedef struct source {
    mt_span rest;
    int line;
} source;

typedef struct asked {
    const char *password;
    bool was_asked;
} asked;

static mt_span next_line(source *s)
{
    const uint8_t *end = s->rest.len ? memchr(s->rest.at, '\n', s->rest.len) : NULL;
    size_t len = end ? (size_t)(end - s->rest.at) + 1 : s->rest.len;
    mt_span line = mt_span_first(s->rest, len);
    s->rest = mt_span_skip(s->rest, len);
    s->line++;
    return line;
}

/* read_label takes the label out of "-----BEGIN label-----" (`word` is BEGIN or END). */
static bool read_label(mt_span line, const char *word, char label[LABEL_MAX])
{
    char text[LABEL_MAX + 32], head[16];
    snprintf(text, sizeof text, "%.*s", line.len < sizeof text ? (int)line.len : (int)sizeof text - 1, (const char *)line.at);
    snprintf(head, sizeof head, "-----%s ", word);
    char *end = NULL;
    if (strncmp(text, head, strlen(head)) == 0)
        end = strstr(text + strlen(head), "-----");
    if (end == NULL || (size_t)(end - text) - strlen(head) >= LABEL_MAX)
        return false;
    *end = 0;
    snprintf(label, LABEL_MAX, "%s", text + strlen(head));
    return true;
}

static bool next_block(source *s, block *b)
{
    char label[LABEL_MAX];
    *b = (block){0};
    while (s->rest.len != 0) {
        mt_span line = next_line(s);
        if (b->line == 0 && read_label(line, "BEGIN", b->label)) {
            b->line = s->line;
            b->text = line;
        } else if (b->line != 0) {
            b->text.len += line.len;
            b->ended = read_label(line, "END", label) && strcmp(label, b->label) == 0;
        }
        if (b->ended)
            return true;
    }
    return b->line != 0;
}

static bool is_private_label(const char *label)
{
    static const char end[] = "PRIVATE KEY";
    size_t len = strlen(label), tail = sizeof end - 1;
    return len >= tail && strcmp(label + len - tail, end) == 0;
}

/* find_key returns the first block with a private key; without one, the first block of all in `first`. */
static bool find_key(mt_span pem, block *key, block *first)
{
    source s = {pem, 0};
    *first = (block){0};
    while (next_block(&s, key)) {
        if (first->line == 0)
            *first = *key;
        if (is_private_label(key->label))
            return true;
    }
    return false;
}

static void explain_block(const char *name, const block *first, mt_diag *d)
{
    const char *words = first->label;
    for (size_t i = 0; i < MT_COUNT(instead); i++)
        words = strcmp(instead[i].label, first->label) == 0 ? instead[i].words : words;
    mt_diag_add(d, (mt_place){name, first->line, 0}, "holds %s, but no private key", words);
}

static void explain_missing(mt_span pem, const char *name, const block *first, mt_diag *d)
{
    mt_place place = {name, 0, 0};
    if (first->line != 0) {
        explain_block(name, first, d);
    } else if (pem.len == 0) {
        mt_diag_add(d, place, "is empty; a private key in PEM was expected");
    } else if (pem.at[0] == DER_FIRST_BYTE) {
        mt_diag_add(d, place, "is DER; a private key in PEM was expected");
        mt_diag_hint(d, "  convert it: openssl pkey -inform DER -in %s -out key.pem", name);
        mt_diag_hint(d, "  or from PKCS#12: openssl pkcs12 -in %s -nodes -out key.pem", name);
    } else {
        mt_diag_add(d, place, "is not PEM: it has no line -----BEGIN PRIVATE KEY-----");
    }
}

static int give_password(char *room, int size, int for_writing, void *user)
{
    asked *a = user;
    (void)for_writing;
    a->was_asked = true;
    if (a->password == NULL || strlen(a->password) > (size_t)size)
        return -1;
    size_t len = strlen(a->password);
    memcpy(room, a->password, len);
    return (int)len;
}

static EVP_PKEY *decode(mt_span text, asked *a)
{
    BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
    mt_crypto_must(bio != NULL, "memory");
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey_ex(bio, NULL, give_password, a, NULL, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return pkey;
}

/* What libcrypto could not decode. */
static EVP_PKEY *decode_pbes2(mt_span text, asked *a)
{
    char *label = NULL, *header = NULL;
    unsigned char *der = NULL;
    long len = 0;
    EVP_PKEY *pkey = NULL;
    BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
    mt_crypto_must(bio != NULL, "memory");
    bool read = PEM_read_bio(bio, &label, &header, &der, &len) == 1;
    bool encrypted = read && strcmp(label, PEM_STRING_PKCS8) == 0;
    a->was_asked = a->was_asked || encrypted;
    if (encrypted && a->password != NULL)
        pkey = mt_pbes2_open(mt_span_of(der, (size_t)len), a->password);
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_free(der);
    BIO_free(bio);
    ERR_clear_error();
    return pkey;
}

static void explain_undecoded(const asked *a, mt_place place, mt_diag *d)
{
    if (!a->was_asked)
        mt_diag_add(d, place, "the private key does not decode: the file is damaged or cut off");
    else if (a->password == NULL)
        mt_diag_add(d, place, "the private key is encrypted, and no password was given");
    else
        mt_diag_add(d, place, "the private key cannot be decrypted: the password is wrong");
}

/* own makes the key of what libcrypto has read, and takes that over. */
static mt_key *own(EVP_PKEY *pkey, mt_place place, mt_diag *d)
{
    mt_key_kind kind = mt_key_kind_from(pkey);
    if (kind == MT_KEY_NONE) {
        const char *type = EVP_PKEY_get0_type_name(pkey);
        mt_diag_add(d, place, "a private key of kind %s; known are rsa, p256, p384, p521, ed25519 and sm2", type ? type : "unknown");
        EVP_PKEY_free(pkey);
        return NULL;
    }
    mt_key *k = mt_key_wrap(kind, pkey);
    k->is_private = true;
    mt_key_describe(k);
    return k;
}

static mt_key *read_key(const block *b, const char *name, const char *password, mt_diag *d)
{
    asked a = {password, false};
    mt_place place = {name, b->line, 0};
    EVP_PKEY *pkey = decode(b->text, &a);
    if (pkey == NULL)
        pkey = decode_pbes2(b->text, &a);
    if (pkey != NULL)
        return own(pkey, place, d);
    explain_undecoded(&a, place, d);
    return NULL;
}

/* libcrypto decrypts what it knows; the rest is that of mt_pbes2_open. */
static EVP_PKEY *decrypt(mt_span der, const char *password)
{
    const unsigned char *at = der.at;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &at, (long)der.len);
    PKCS8_PRIV_KEY_INFO *info = sealed != NULL ? PKCS8_decrypt(sealed, password, (int)strlen(password)) : NULL;
    EVP_PKEY *pkey = info != NULL ? EVP_PKCS82PKEY(info) : mt_pbes2_open(der, password);
    PKCS8_PRIV_KEY_INFO_free(info);
    X509_SIG_free(sealed);
    return pkey;
}

mt_key *mt_key_from_pkcs8(const mt_key_source *from, mt_diag *d)
{
    asked a = {from->password, from->password != NULL};
    mt_place place = {from->name, 0, 0};
    const unsigned char *at = from->pem.at;
    EVP_PKEY *pkey = a.was_asked ? decrypt(from->pem, a.password) : d2i_AutoPrivateKey(NULL, &at, (long)from->pem.len);
    ERR_clear_error();
    if (pkey != NULL)
        return own(pkey, place, d);
    explain_undecoded(&a, place, d);
    return NULL;
}

size_t mt_keys_load(const mt_key_source *from, mt_key **out, size_t max, mt_diag *d)
{
    source s = {from->pem, 0};
    block b;
    size_t n = 0;
    while (n < max && next_block(&s, &b) && b.ended) {
        mt_key *key = is_private_label(b.label) ? read_key(&b, from->name, from->password, d) : NULL;
        if (key != NULL)
            out[n++] = key;
    }
    if (n == 0 && mt_diag_count(d) == 0)
        out[0] = mt_key_load(from->pem, from->name, from->password, d); /* says what is there instead */
    return n;
}

mt_key *mt_key_load(mt_span pem, const char *name, const char *password, mt_diag *d)
{
    block key, first;
    if (!find_key(pem, &key, &first)) {
        explain_missing(pem, name, &first, d);
        return NULL;
    }
    if (!key.ended) {
        mt_diag_add(d, (mt_place){name, key.line, 0}, "the private key is cut off: there is no -----END %s-----", key.label);
        return NULL;
    }
    return read_key(&key, name, password, d);
}
