// SPDX-License-Identifier: Apache-2.0
/* The keys of a recipe: one row each. The reference page is printed from them. */
#include "pki/recipe_schema.h"

#include <stdio.h>
#include <stdlib.h>

enum { SECONDS_OF_DAY = 86400, DAYS_OF_YEAR = 365 };

const mt_key_type mt_key_types[] = {
    {"", MT_KEY_NONE, 0},          {"rsa-1024", MT_KEY_RSA, 1024}, {"rsa-2048", MT_KEY_RSA, 2048}, {"rsa-3072", MT_KEY_RSA, 3072},
    {"rsa-4096", MT_KEY_RSA, 4096}, {"p256", MT_KEY_P256, 0},       {"p384", MT_KEY_P384, 0},       {"p521", MT_KEY_P521, 0},
    {"ed25519", MT_KEY_ED25519, 0}, {"sm2", MT_KEY_SM2, 0},         {NULL, MT_KEY_NONE, 0},
};

const char *const mt_pool_names[] = {
    "", "own", "ca", "other-ca", "intermediate", "other-intermediate", "sub-ca", "leaf", "other-leaf", "server-ca",
    "server-intermediate", "server",
};

static const mt_yaml_word key_type_words[] = {
    {"rsa-1024", 1}, {"rsa-2048", 2}, {"rsa-3072", 3}, {"rsa-4096", 4}, {"p256", 5}, {"p384", 6}, {"p521", 7}, {"ed25519", 8}, {"sm2", 9},
};
static const mt_yaml_word pool_words[] = {
    {"own", 1},    {"ca", 2},   {"other-ca", 3},   {"intermediate", 4}, {"other-intermediate", 5},   {"sub-ca", 6},
    {"leaf", 7},   {"other-leaf", 8}, {"server-ca", 9}, {"server-intermediate", 10}, {"server", 11},
};
static const mt_yaml_word algorithm_words[] = {{"same", 0}, {"rsa", MT_RSA + 1}, {"ecc", MT_ECC + 1}, {"sm2", MT_SM2 + 1}};
static const mt_yaml_word hash_words[] = {{"sha1", MT_SHA1}, {"sha256", MT_SHA256}, {"sha384", MT_SHA384}, {"sha512", MT_SHA512}};
static const mt_yaml_word padding_words[] = {{"pkcs1", MT_PAD_PKCS1}, {"pss", MT_PAD_PSS}};
static const mt_yaml_word signature_words[] = {
    {"usual", MT_SIGNS_USUAL}, {"ecdsa", MT_SIGNS_ECDSA}, {"labelled-sm2-sha256", MT_SIGNS_LABELLED_SHA256}};
static const mt_yaml_word curve_words[] = {{"own", MT_CURVE_OWN}, {"p256", MT_CURVE_LABEL_P256}, {"sm2", MT_CURVE_LABEL_SM2}};
static const mt_yaml_word time_words[] = {
    {"rfc5280", MT_TIME_RFC5280}, {"utc", MT_TIME_UTC}, {"generalized", MT_TIME_GENERALIZED}};
static const mt_yaml_word basic_words[] = {{"none", MT_BASIC_NONE}, {"end-entity", MT_BASIC_END_ENTITY}, {"ca", MT_BASIC_CA}};
static const mt_yaml_word path_words[] = {{"none", 0}, {"0", 1}, {"1", 2}, {"2", 3}, {"3", 4}, {"4", 5}, {"5", 6}};
static const mt_yaml_word usage_words[] = {
    {"digital-signature", 0}, {"content-commitment", 1}, {"key-encipherment", 2}, {"data-encipherment", 3},
    {"key-agreement", 4},     {"key-cert-sign", 5},      {"crl-sign", 6},         {"encipher-only", 7},
    {"decipher-only", 8},     {"none", MT_USAGE_NONE},   {"empty", MT_USAGE_EMPTY},
};
static const mt_yaml_word purpose_words[] = {
    {"client-auth", 0},  {"server-auth", 1}, {"code-signing", 2}, {"email-protection", 3},  {"time-stamping", 4},
    {"ocsp-signing", 5}, {"any", 6},         {"unknown", 7},      {"none", MT_USAGE_NONE}, {"empty", MT_USAGE_EMPTY},
};
static const mt_yaml_word extension_words[] = {
    {"basic-constraints", MT_EXT_BASIC_CONSTRAINTS}, {"key-usage", MT_EXT_KEY_USAGE},
    {"extended-key-usage", MT_EXT_PURPOSES},         {"alt-names", MT_EXT_ALT_NAMES},
    {"subject-key-id", MT_EXT_SUBJECT_KEY_ID},       {"authority-key-id", MT_EXT_AUTHORITY_KEY_ID},
};
static const mt_yaml_word key_id_words[] = {
    {"own", MT_KEY_ID_OWN}, {"none", MT_KEY_ID_NONE}, {"wrong", MT_KEY_ID_WRONG}, {"wrong-serial", MT_KEY_ID_WRONG_SERIAL}};
static const mt_yaml_word damage_words[] = {{"signature", MT_DAMAGE_SIGNATURE}};
static const mt_yaml_word side_words[] = {{"client", 0}, {"server", 1}};
static const mt_yaml_word verdict_words[] = {
    {"accepted", MT_RECIPE_ACCEPTED}, {"refused", MT_RECIPE_REFUSED}, {"either", MT_RECIPE_EITHER}};

/* "-30d" "+10y": an offset in days or years of 365 days. */
static bool read_offset(const char *text, int64_t *seconds)
{
    char *end = NULL;
    if (*text != '-' && *text != '+')
        return false;
    long n = strtol(text, &end, 10);
    bool years = *end == 'y';
    if (end == text || (!years && *end != 'd') || end[1] != 0 || n > 10000 || n < -10000)
        return false;
    *seconds = (int64_t)n * SECONDS_OF_DAY * (years ? DAYS_OF_YEAR : 1);
    return true;
}

static bool read_digits(const char **text, unsigned digits, char behind, unsigned *value)
{
    *value = 0;
    for (unsigned i = 0; i < digits; i++) {
        char c = *(*text)++;
        if (c < '0' || c > '9')
            return false;
        *value = *value * 10 + (unsigned)(c - '0');
    }
    return *(*text)++ == behind;
}

/* "2049-12-31T23:59:59Z" */
static bool read_fixed(const char *text, int64_t *seconds)
{
    unsigned year;
    mt_civil c = {0};
    bool ok = read_digits(&text, 4, '-', &year) && read_digits(&text, 2, '-', &c.month) && read_digits(&text, 2, 'T', &c.day) &&
              read_digits(&text, 2, ':', &c.hour) && read_digits(&text, 2, ':', &c.minute) && read_digits(&text, 2, 'Z', &c.second);
    c.year = year;
    *seconds = ok && *text == 0 ? mt_time_seconds(c) : 0;
    return ok && *text == 0 && c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= 31;
}

static bool read_when(mt_yaml_walk *w, const mt_yaml *node, void *field)
{
    mt_when *when = field;
    const char *text = node->text ? node->text : "";
    bool birth = strncmp(text, "birth", 5) == 0;
    *when = (mt_when){birth ? MT_WHEN_BIRTH : MT_WHEN_TODAY, 0};
    if (read_offset(birth ? text + 5 : text, &when->seconds))
        return true;
    when->from = MT_WHEN_FIXED;
    if (read_fixed(text, &when->seconds))
        return true;
    mt_yaml_error(w->file, node, w->d, "not a time; wanted: -30d, +1y, birth+10y or 2049-12-31T23:59:59Z");
    return false;
}

static bool read_hex(mt_yaml_walk *w, const mt_yaml *node, void *field)
{
    mt_span *bytes = field;
    mt_writer out = {0};
    bool ok = node->text != NULL && mt_write_from_hex(&out, node->text) && out.len > 0;
    if (ok)
        *bytes = mt_span_of(mt_arena_copy(w->arena, out.at, out.len), out.len);
    else
        mt_yaml_error(w->file, node, w->d, "not an even number of hexadecimal digits");
    mt_writer_free(&out);
    return ok;
}

_Static_assert(sizeof(mt_when) == MT_RECIPE_READ_SIZE && sizeof(mt_span) == MT_RECIPE_READ_SIZE, "handlers fill this size");

#define AT(field) .offset = offsetof(mt_recipe, field)
#define WORD(table) .type = MT_YAML_WORD, .words = (table), .words_len = MT_COUNT(table)
#define WORDS(table) .type = MT_YAML_WORDS, .words = (table), .words_len = MT_COUNT(table)

static const mt_yaml_key recipe_keys[] = {
    {.key = "like", .type = MT_YAML_TEXT, AT(like), .doc = "the recipe whose fields are taken where this one states none"},
    {.key = "about", .type = MT_YAML_TEXT, AT(about), .required = true, .doc = "one sentence: what is particular about it"},
    {.key = "catalogue", .type = MT_YAML_TEXTS, AT(catalogue), .doc = "rows of the catalogue of scenarios"},
    {.key = "verdict", WORD(verdict_words), AT(verdict), .doc = "what RFC 5280 and RFC 8446 say of its natural chain"},
    {.key = "openssl", .type = MT_YAML_TEXT, AT(openssl), .doc = "error of `openssl verify` on it; 0: none; or unreadable"},
    {.key = "masked-by", .type = MT_YAML_TEXTS, AT(masked_by), .doc = "faults of a verifier that accepts it though it is bad"},
    {.key = "refused-by", .type = MT_YAML_TEXTS, AT(refused_by), .doc = "faults of a verifier that refuses it though it is good"},
    {.key = "issuer", .type = MT_YAML_TEXT, AT(issuer), .doc = "the recipe that names and signs it, or self"},
    {.key = "signer", .type = MT_YAML_TEXT, AT(signer), .doc = "the recipe whose key signs in place of the issuer's"},
    {.key = "issuer-algorithm", WORD(algorithm_words), AT(issuer_algorithm), .doc = "algorithm of the issuing chain"},
    {.key = "key", WORD(pool_words), AT(pool), .doc = "key of the pool; own: one that no other recipe has"},
    {.key = "key-type", WORD(key_type_words), AT(key_type), .doc = "type of its key in place of the algorithm's usual one"},
    {.key = "version", .type = MT_YAML_NUMBER, AT(version), .min = 1, .max = 127, .doc = "X.509 version as people count: 1 to 3"},
    {.key = "serial", .type = MT_YAML_READ, AT(serial), .read = read_hex, .doc = "content octets of the serial number, in hex"},
    {.key = "serial-of", .type = MT_YAML_TEXT, AT(serial_of), .doc = "the recipe whose serial number is copied"},
    {.key = "subject", .type = MT_YAML_TEXTS, AT(subject), .doc = "attributes as CN=name; {algorithm} stands for its name"},
    {.key = "subject-of", .type = MT_YAML_TEXT, AT(subject_of), .doc = "the recipe whose subject is copied"},
    {.key = "issuer-name", .type = MT_YAML_TEXTS, AT(issuer_name), .doc = "issuer written in place of the issuer's subject"},
    {.key = "valid-from", .type = MT_YAML_READ, AT(from), .read = read_when, .doc = "notBefore: from the start of the UTC day"},
    {.key = "valid-until", .type = MT_YAML_READ, AT(until), .read = read_when, .doc = "notAfter: from the start of the UTC day"},
    {.key = "time-form", WORD(time_words), AT(time_form), .doc = "how the dates are written"},
    {.key = "hash", WORD(hash_words), AT(hash), .doc = "hash of the signature"},
    {.key = "padding", WORD(padding_words), AT(padding), .doc = "padding of the signature, where the signer's key is RSA"},
    {.key = "signature", WORD(signature_words), AT(signs_as),
     .doc = "of an SM2 key: ecdsa, signed as ECDSA does; labelled-sm2-sha256, with SM3 but called SM2 with SHA-256"},
    {.key = "curve-label", WORD(curve_words), AT(curve_label), .doc = "the curve that is named for its key, whatever its own is"},
    {.key = "distinguishing-id", .type = MT_YAML_TEXT, AT(distinguishing_id), .doc = "id under which an SM2 key signs; may be empty"},
    {.key = "inner-hash", WORD(hash_words), AT(inner_hash), .doc = "hash that the signed part names in place of the real one"},
    {.key = "basic-constraints", WORD(basic_words), AT(basic), .doc = "none: no such extension"},
    {.key = "path-length", WORD(path_words), AT(path_length), .doc = "pathLenConstraint"},
    {.key = "key-usage", WORDS(usage_words), AT(key_usage), .doc = "none: no such extension; empty: one without a bit"},
    {.key = "enc-key-usage", WORDS(usage_words), AT(enc_key_usage), .doc = "keyUsage of the encryption half of a pair"},
    {.key = "extended-key-usage", WORDS(purpose_words), AT(purposes), .doc = "none: no such extension; empty: an empty list"},
    {.key = "alt-names", .type = MT_YAML_TEXTS, AT(alt_names), .doc = "dns:name, ip:address, email:mailbox or uri:text; or none"},
    {.key = "subject-key-id", WORD(key_id_words), AT(subject_key_id), .doc = "subjectKeyIdentifier"},
    {.key = "authority-key-id", WORD(key_id_words), AT(authority_key_id), .doc = "authorityKeyIdentifier"},
    {.key = "key-id-of", .type = MT_YAML_TEXT, AT(key_id_of), .doc = "the recipe whose subjectKeyIdentifier is copied"},
    {.key = "extra", .type = MT_YAML_TEXTS, AT(extra), .doc = "extensions that nobody knows: OID, or critical OID"},
    {.key = "critical", WORDS(extension_words), AT(critical), .doc = "the extensions that are marked critical"},
    {.key = "twice", WORDS(extension_words), AT(twice), .doc = "extensions that are written twice"},
    {.key = "damage", WORDS(damage_words), AT(damage), .doc = "signature: its last bit is flipped"},
    {.key = "for", WORD(side_words), AT(server), .doc = "who presents it"},
};

const mt_yaml_schema mt_recipe_schema = {.what = "a recipe",
                                         .keys = recipe_keys,
                                         .len = MT_COUNT(recipe_keys),
                                         .size = sizeof(mt_recipe),
                                         .doc = "A certificate: what it says and who signs it."};

static const mt_yaml_key file_keys[] = {
    {.key = "recipes", .type = MT_YAML_NAMED, .offset = offsetof(mt_recipe_file, recipes), .required = true,
     .sub = &mt_recipe_schema, .doc = "recipes by name"},
};

const mt_yaml_schema mt_recipe_file_schema = {.what = "a file of recipes",
                                              .keys = file_keys,
                                              .len = MT_COUNT(file_keys),
                                              .size = sizeof(mt_recipe_file),
                                              .format = true,
                                              .doc = "Recipes: how certificates are made."};
