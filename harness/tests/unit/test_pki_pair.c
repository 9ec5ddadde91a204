// SPDX-License-Identifier: Apache-2.0
/* Pairs of TLCP: what a recipe becomes in its two halves, what lists name, and how a list is judged. */
#include "pki/recipe.h"
#include "pki/verify.h"

#include "folder.h"
#include "suite.h"

#include <openssl/x509v3.h>
#include <unistd.h>

static mt_pki *pki;
static mt_diag *diag;

static mt_credential present(const char *const *names, bool natural)
{
    size_t n = 0;
    while (names[n] != NULL)
        n++;
    mt_credential c = {0};
    mt_presentation what = {names, n, natural, MT_SM2, true};
    ck_assert_msg(mt_pki_presentable(pki, &what) == NULL, "%s", mt_pki_presentable(pki, &what));
    ck_assert_msg(mt_pki_present(pki, &what, &c, diag), "%s", mt_diag_text(diag));
    return c;
}

static mt_credential pair_of(const char *name)
{
    return present((const char *const[]){name, NULL}, true);
}

static mt_path_verdict judge(const mt_credential *c, mt_leaf_use use, uint64_t faults)
{
    mt_path path = {.chain = c->chain, .chain_len = c->chain_len, .use = use, .faults = faults};
    mt_span roots[MT_ALGORITHMS + 1];
    size_t n, sm2_len;
    const mt_span *others = mt_pki_anchors(pki, &n, diag), *sm2 = mt_pki_sm2_anchors(pki, &sm2_len, diag);
    ck_assert(others != NULL && sm2 != NULL && n + sm2_len <= MT_ALGORITHMS);
    for (size_t i = 0; i < n + sm2_len; i++)
        roots[i] = i < n ? others[i] : sm2[i - n];
    path.anchors = roots;
    path.anchors_len = n + sm2_len;
    return mt_path_verify_pair(&path);
}

static X509 *parse(mt_span der)
{
    const unsigned char *at = der.at;
    X509 *x = d2i_X509(NULL, &at, (long)der.len);
    ck_assert_ptr_nonnull(x);
    return x;
}

static bool belongs(mt_span der, const mt_key *key)
{
    mt_writer spki = {0};
    mt_key_spki(key, &spki);
    bool found = false;
    for (size_t i = 0; i + spki.len <= der.len; i++)
        found = found || memcmp(der.at + i, spki.at, spki.len) == 0;
    mt_writer_free(&spki);
    return found;
}

START_TEST(a_pair_is_made_from_one_recipe)
{
    static const char *const recipes[] = {"client", "server", "other-key"};
    enum { SIGN = KU_DIGITAL_SIGNATURE, ENC = KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT | KU_KEY_AGREEMENT };
    mt_credential c = pair_of(recipes[_i]);
    ck_assert_uint_eq(c.chain_len, 3);
    X509 *sign = parse(c.chain[0]), *enc = parse(c.chain[1]);
    ck_assert_uint_eq(X509_get_key_usage(sign), SIGN);
    ck_assert_uint_eq(X509_get_key_usage(enc), ENC);
    ck_assert(belongs(c.chain[0], c.key) && belongs(c.chain[1], c.enc_key) && !mt_key_same(c.key, c.enc_key));
    ck_assert_int_eq(X509_NAME_cmp(X509_get_subject_name(sign), X509_get_subject_name(enc)), 0);
    ck_assert_int_eq(X509_NAME_cmp(X509_get_issuer_name(sign), X509_get_issuer_name(enc)), 0);
    ck_assert_int_ne(ASN1_INTEGER_cmp(X509_get0_serialNumber(sign), X509_get0_serialNumber(enc)), 0);
    ck_assert_int_eq(X509_get_ext_by_NID(sign, NID_subject_alt_name, -1), X509_get_ext_by_NID(enc, NID_subject_alt_name, -1));
    X509_free(sign);
    X509_free(enc);
}
END_TEST

/* What GmSSL refuses: short serial numbers, more than 3653 days, an empty basicConstraints. */
START_TEST(nothing_in_it_that_gmssl_refuses)
{
    static const char *const recipes[] = {"client", "server", "unknown-ca"};
    mt_credential c = pair_of(recipes[_i]);
    for (size_t i = 0; i < c.chain_len; i++) {
        int days = 0, seconds = 0;
        X509 *x = parse(c.chain[i]);
        ck_assert_int_ge(ASN1_STRING_length(X509_get0_serialNumber(x)), 4);
        ck_assert_int_eq(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(x), X509_get0_notAfter(x)), 1);
        ck_assert_int_le(days, 3653);
        ck_assert_int_eq(X509_get_ext_by_NID(x, NID_basic_constraints, -1) >= 0, i >= 2);
        X509_free(x);
    }
}
END_TEST

START_TEST(a_half_is_a_recipe_wherever_one_is_named)
{
    ck_assert(mt_pki_has(pki, "client.sign") && mt_pki_has(pki, "expired.enc"));
    ck_assert(!mt_pki_has(pki, "client.both") && !mt_pki_has(pki, "intermediate.enc") && !mt_pki_has(pki, ".enc"));
    ck_assert_str_eq(mt_pki_like(pki, "expired.enc"), "client.enc");
    ck_assert_ptr_null(mt_pki_like(pki, "client.enc"));
    ck_assert_ptr_null(mt_pki_reach(pki, "expired.enc", MT_SM2));
    ck_assert_ptr_nonnull(mt_pki_reach(pki, "signed-with-sha384.enc", MT_SM2));
    const mt_key *sign = mt_pki_key(pki, "client", MT_SM2, diag), *enc = mt_pki_key(pki, "client.enc", MT_SM2, diag);
    ck_assert(sign != NULL && enc != NULL && !mt_key_same(sign, enc));
    ck_assert_ptr_eq(mt_pki_key(pki, "client.sign", MT_SM2, diag), sign);
    mt_pki_want(pki, "other-key.enc", MT_SM2);
    mt_pki_make_wanted(pki);
    ck_assert_ptr_nonnull(mt_pki_key(pki, "other-key.enc", MT_SM2, diag));
    const char *name = "client.encc";
    mt_credential c;
    ck_assert(!mt_pki_present(pki, &(mt_presentation){&name, 1, true, MT_SM2, true}, &c, diag));
    ck_assert_ptr_nonnull(strstr(mt_diag_text(diag), "NAME.sign and NAME.enc"));
}
END_TEST

START_TEST(outside_of_tlcp_there_is_no_pair)
{
    const char *name = "client";
    mt_credential whole, half;
    ck_assert(mt_pki_present(pki, &(mt_presentation){&name, 1, true, MT_SM2, false}, &whole, diag));
    ck_assert_uint_eq(whole.chain_len, 2);
    ck_assert_ptr_null(whole.enc_key);
    name = "client.enc";
    ck_assert(mt_pki_present(pki, &(mt_presentation){&name, 1, true, MT_SM2, false}, &half, diag));
    ck_assert(mt_span_equal(half.chain[0], pair_of("client").chain[1]));
    ck_assert_ptr_eq(half.key, half.enc_key);
}
END_TEST

START_TEST(the_description_names_the_halves)
{
    ck_assert_str_eq(pair_of("client").description, "CN=mtlspec client (sign), CN=mtlspec client (enc)  <-  CN=mtlspec sm2 intermediate");
    static const char *const late[] = {"client.sign", "intermediate", "client.enc", NULL};
    ck_assert_str_eq(present(late, false).description,
                     "CN=mtlspec client (sign)  <-  CN=mtlspec sm2 intermediate  <-  CN=mtlspec client (enc)");
}
END_TEST

static const struct {
    const char *says, *names[6];
    mt_leaf_use use;
    const char *text; /* what is found; NULL: nothing */
    uint8_t alert;
    const char *faults[3]; /* each of which masks it, and no other does */
} lists[] = {
    {"a good pair", {"client", "intermediate"}, MT_LEAF_ENCIPHERS, NULL, 0, {NULL}},
    {"a good pair in an ECDHE suite", {"client", "intermediate"}, MT_LEAF_AGREES, NULL, 0, {NULL}},
    {"with the root", {"client", "intermediate", "root"}, MT_LEAF_ENCIPHERS, NULL, 0, {NULL}},
    {"two intermediates reversed", {"under-two-intermediates", "chain-1", "chain-2"}, MT_LEAF_ENCIPHERS, NULL, 0, {NULL}},
    {"halves under two intermediates", {"client.sign", "under-two-intermediates.enc", "intermediate", "chain-2", "chain-1"},
     MT_LEAF_ENCIPHERS, NULL, 0, {NULL}},
    {"one half from the root itself", {"client.sign", "under-root.enc", "intermediate"}, MT_LEAF_ENCIPHERS, NULL, 0, {NULL}},
    {"nothing", {NULL}, MT_LEAF_ENCIPHERS, "no certificate at all", 42, {NULL}},
    {"the signing certificate alone", {"client.sign"}, MT_LEAF_ENCIPHERS, "encryption certificate is missing", 42, {NULL}},
    {"the signing certificate and its CA", {"client.sign", "intermediate"}, MT_LEAF_ENCIPHERS, "encryption certificate is missing", 42,
     {"accept-single-certificate"}},
    {"a signing certificate of the root", {"under-root.sign"}, MT_LEAF_ENCIPHERS, "encryption certificate is missing", 42,
     {"accept-single-certificate"}},
    {"the encryption certificate and its CA", {"client.enc", "intermediate"}, MT_LEAF_AGREES, "encryption certificate is missing", 42,
     {"accept-single-certificate"}},
    {"the pair without its intermediate", {"client"}, MT_LEAF_ENCIPHERS, "issuer is not known", 48,
     {"accept-incomplete-chain", "accept-unknown-ca"}},
    {"swapped", {"client.enc", "client.sign", "intermediate"}, MT_LEAF_ENCIPHERS, "may not sign", 43, {"ignore-key-usage"}},
    {"the same twice", {"client.sign", "client.sign", "intermediate"}, MT_LEAF_ENCIPHERS, "are the same", 42,
     {"accept-same-certificate-twice"}},
    {"the same twice, for all uses", {"enc-for-all-uses.enc", "enc-for-all-uses.enc", "intermediate"}, MT_LEAF_ENCIPHERS, "are the same",
     42, {"accept-same-certificate-twice"}},
    {"a CA between", {"client.sign", "intermediate", "client.enc"}, MT_LEAF_ENCIPHERS, "second certificate is a CA's", 42,
     {"accept-single-certificate"}},
    {"CA first", {"intermediate", "client"}, MT_LEAF_ENCIPHERS, "may not sign", 43, {NULL}},
    {"the encryption certificate has expired", {"client.sign", "expired.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "encryption certificate 0 (mtlspec client): has expired", 45, {"accept-expired", "skip-encryption-certificate"}},
    {"the encryption certificate is not valid yet", {"client.sign", "not-yet-valid.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "encryption certificate 0 (mtlspec client): is not valid yet", 45, {"accept-not-yet-valid", "skip-encryption-certificate"}},
    {"the signing certificate has expired", {"expired.sign", "client.enc", "intermediate"}, MT_LEAF_ENCIPHERS, "has expired", 45,
     {"accept-expired"}},
    {"the encryption certificate is of an unknown CA", {"client.sign", "unknown-ca.enc", "intermediate", "other-intermediate"},
     MT_LEAF_ENCIPHERS, "encryption certificate 2 (other sm2 intermediate): its issuer is not known", 48,
     {"accept-unknown-ca", "skip-encryption-certificate"}},
    {"the encryption certificate is self-signed", {"client.sign", "self-signed.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "encryption certificate 0 (mtlspec client): is self-signed", 48, {"accept-self-signed", "skip-encryption-certificate"}},
    {"the signature of the encryption certificate", {"client.sign", "bad-signature.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "its signature does not hold", 42, {"accept-bad-signature", "skip-encryption-certificate"}},
    {"halves of two subjects", {"client.sign", "other-key.enc", "intermediate"}, MT_LEAF_ENCIPHERS, "another subject", 42,
     {"accept-pair-of-two-subjects", "skip-encryption-certificate"}},
    {"the encryption key may only agree", {"client.sign", "enc-key-agreement-only.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "may not encipher", 43, {"ignore-key-usage", "ignore-encryption-key-usage", "skip-encryption-certificate"}},
    {"which is enough in an ECDHE suite", {"client.sign", "enc-key-agreement-only.enc", "intermediate"}, MT_LEAF_AGREES, NULL, 0, {NULL}},
    {"the encryption key may not agree", {"client.sign", "enc-key-encipherment-only.enc", "intermediate"}, MT_LEAF_AGREES,
     "may not agree", 43, {"ignore-key-usage", "ignore-encryption-key-usage", "skip-encryption-certificate"}},
    {"the encryption key may only sign", {"client.sign", "enc-digital-signature-only.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "may not encipher", 43, {"ignore-key-usage", "ignore-encryption-key-usage", "skip-encryption-certificate"}},
    {"the signing key may only encipher", {"key-encipherment-only.sign", "client.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "may not sign", 43, {"ignore-key-usage"}},
    {"the signing key may only commit", {"content-commitment-only.sign", "client.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "may not sign", 43, {"ignore-key-usage"}},
    {"an RSA key that enciphers, which is for who reads the key", {"client.sign", "rsa-under-sm2.enc", "intermediate"},
     MT_LEAF_ENCIPHERS, NULL, 0, {NULL}},
    {"P-256 keys, likewise", {"ecc-under-sm2", "intermediate"}, MT_LEAF_ENCIPHERS, NULL, 0, {NULL}},
    {"a P-256 key labelled SM2", {"client.sign", "p256-labelled-sm2.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "its key cannot be read", 42, {"skip-encryption-certificate"}},
    {"an SM2 key labelled P-256", {"client.sign", "sm2-labelled-p256.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "its key cannot be read", 42, {"skip-encryption-certificate"}},
    {"an SM2 key labelled P-256 that signs", {"sm2-labelled-p256.sign", "client.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "its key cannot be read", 42, {NULL}},
    {"signed under another id", {"other-distinguishing-id.sign", "client.enc", "intermediate"}, MT_LEAF_ENCIPHERS,
     "its signature does not hold", 42, {"accept-bad-signature", "accept-certificate-under-other-id"}},
    {"the encryption certificate signed under the empty id", {"client.sign", "empty-distinguishing-id.enc", "intermediate"},
     MT_LEAF_ENCIPHERS, "its signature does not hold", 42,
     {"accept-bad-signature", "accept-certificate-under-other-id", "skip-encryption-certificate"}},
};

static bool is_named(int row, const char *fault)
{
    for (size_t i = 0; i < MT_COUNT(lists[row].faults) && lists[row].faults[i] != NULL; i++)
        if (strcmp(lists[row].faults[i], fault) == 0)
            return true;
    return false;
}

START_TEST(lists_are_judged)
{
    mt_credential c = present(lists[_i].names, false);
    mt_path_verdict v = judge(&c, lists[_i].use, 0);
    ck_assert_msg(v.ok == (lists[_i].text == NULL), "%s: %s", lists[_i].says, v.text);
    ck_assert_msg(v.ok || strstr(v.text, lists[_i].text) != NULL, "%s: %s", lists[_i].says, v.text);
    ck_assert_msg(v.ok || v.alert == lists[_i].alert, "%s: alert %u", lists[_i].says, v.alert);
    for (size_t i = 0; i < mt_path_fault_count && !v.ok; i++) {
        if (mt_path_faults[i].over_strict)
            continue;
        mt_path_verdict under = judge(&c, lists[_i].use, (uint64_t)1 << i);
        ck_assert_msg(under.ok == is_named(_i, mt_path_faults[i].name), "%s, under %s: %s", lists[_i].says, mt_path_faults[i].name,
                      under.ok ? "accepted" : under.text);
    }
}
END_TEST

/* The rule of an edge that has it: if the server's certificate is of SM2, the client's CA must be too. */
START_TEST(an_sm2_pair_wants_an_sm2_ca)
{
    static const char *const recipes[] = {"sm2-under-rsa", "sm2-under-ecc"};
    mt_credential c = pair_of(recipes[_i]);
    mt_path_verdict v = judge(&c, MT_LEAF_ENCIPHERS, 0);
    ck_assert_msg(!v.ok && v.alert == 42 && strstr(v.text, "a CA above it is not") != NULL, "%s", v.text);
    ck_assert(judge(&c, MT_LEAF_ENCIPHERS, mt_path_fault_bit("accept-sm2-under-other-ca")).ok);
}
END_TEST

START_TEST(every_recipe_makes_a_pair_that_gets_its_verdict)
{
    size_t n;
    mt_writer wrong = {0};
    const char *const *all = mt_pki_names(pki, &n);
    for (size_t i = 0; i < n; i++) {
        const mt_recipe *r = mt_recipe_at(pki, all[i]);
        if (r->verdict == MT_RECIPE_UNSTATED || r->verdict == MT_RECIPE_EITHER || r->server || mt_pki_reach(pki, all[i], MT_SM2) != NULL)
            continue;
        mt_credential c = pair_of(all[i]);
        mt_path_verdict v = judge(&c, MT_LEAF_ENCIPHERS, 0);
        if (v.ok != (r->verdict == MT_RECIPE_ACCEPTED))
            mt_writef(&wrong, "%s: %s\n", all[i], v.ok ? "accepted" : v.text);
    }
    ck_assert_msg(wrong.len == 0, "\n%s", mt_writer_text(&wrong));
    mt_writer_free(&wrong);
}
END_TEST

/* ---- the owner's pair ---- */

static const char *folder; /* made by main: the pairs and halves of the recipes in `made` */
static const char *const made[] = {"client", "other-key", "rsa-under-sm2", "under-two-intermediates"};

static const struct {
    const char *says, *cert, *key, *enc_cert, *enc_key;
    const char *said; /* NULL: good */
} owners[] = {
    {"the pair in one file", "client-pair.pem", "client-pair.key", NULL, NULL, NULL},
    {"each half in a file of its own", "client.sign.pem", "client.sign.key", "client.enc.pem", "client.enc.key", NULL},
    {"all keys in one file", "client.sign.pem", "client-pair.key", "client.enc.pem", "client-pair.key", NULL},
    {"the pair, and one key", "client-pair.pem", "client.sign.key", NULL, NULL, "does not belong to the encryption certificate"},
    {"the pair, and the other key", "client-pair.pem", "client.enc.key", NULL, NULL, "does not belong to the first certificate"},
    {"keys of somebody else", "client-pair.pem", "other-key-pair.key", NULL, NULL, "none of these 2 keys belongs to"},
    {"an encryption certificate without key", "client.sign.pem", "client.sign.key", "client.enc.pem", NULL, "belong together"},
    {"a key without encryption certificate", "client.sign.pem", "client.sign.key", NULL, "client.enc.key", "belong together"},
    {"the key of the other half", "client.sign.pem", "client.sign.key", "client.enc.pem", "client.sign.key",
     "does not belong to the encryption certificate"},
    {"halves of two subjects", "client.sign.pem", "client.sign.key", "other-key.enc.pem", "other-key.enc.key", "of another subject"},
    {"an RSA key that enciphers", "client.sign.pem", "client.sign.key", "rsa-under-sm2.enc.pem", "rsa-under-sm2.enc.key", "not of SM2"},
    {"an RSA key that signs", "rsa-under-sm2.pem", "rsa-under-sm2.key", "client.enc.pem", "client.enc.key", "has no SM2 key"},
    {"an SM2 key for an RSA certificate", "rsa-under-sm2.pem", "client.sign.key", NULL, NULL,
     "this key is sm2, the certificate's is rsa"},
};

static const char *in_folder(mt_arena *arena, const char *name)
{
    return name ? mt_arena_printf(arena, "%s/sm2/%s", folder, name) : NULL;
}

static mt_pki *open_owner(int i)
{
    mt_arena *arena = mt_arena_new();
    mt_pki_config c = {.recipes = MT_DATA_DIR "/certs", .cert = in_folder(arena, owners[i].cert), .key = in_folder(arena, owners[i].key),
                       .enc_cert = in_folder(arena, owners[i].enc_cert), .enc_key = in_folder(arena, owners[i].enc_key)};
    mt_pki *p = mt_pki_open(&c, diag);
    mt_arena_free(arena);
    return p;
}

START_TEST(an_owners_pair_is_taken_or_what_is_wrong_is_said)
{
    mt_pki *p = open_owner(_i);
    const char *said = mt_diag_text(diag);
    ck_assert_msg((p != NULL) == (owners[_i].said == NULL), "%s: %s", owners[_i].says, said);
    ck_assert_msg(p != NULL || strstr(said, owners[_i].said) != NULL, "%s: %s", owners[_i].says, said);
    if (p == NULL)
        return;
    mt_credential theirs = {0}, mine = pair_of("client");
    const char *name = "client";
    mt_presentation what = {&name, 1, true, MT_SM2, true};
    ck_assert(mt_pki_presentable(p, &what) == NULL && mt_pki_present(p, &what, &theirs, diag));
    ck_assert_uint_eq(theirs.chain_len, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert(mt_span_equal(theirs.chain[i], mine.chain[i]));
    ck_assert(mt_key_same(theirs.key, mine.key) && mt_key_same(theirs.enc_key, mine.enc_key));
    mt_pki_free(p);
}
END_TEST

/* The halves of one owner under CAs of their own: the other side needs the issuers of both. */
static const struct {
    const char *cert[7], *enc_cert[4]; /* the lists that the owner gives; the second empty: both halves are in the first */
    const char *sent[6];               /* to a target; our own server sends roots too, behind the rest */
    bool with_root;
} two_paths[] = {
    {{"client.sign", "intermediate"}, {"under-two-intermediates.enc", "chain-2", "chain-1"},
     {"client.sign", "under-two-intermediates.enc", "intermediate", "chain-2", "chain-1"}, false},
    {{"under-two-intermediates.sign", "chain-2", "chain-1"}, {"client.enc", "intermediate"},
     {"under-two-intermediates.sign", "client.enc", "chain-2", "chain-1", "intermediate"}, false},
    {{"client.sign", "intermediate"}, {"client.enc", "intermediate"}, {"client.sign", "client.enc", "intermediate"}, false},
    {{"client.sign", "intermediate"}, {"client.enc"}, {"client.sign", "client.enc", "intermediate"}, false},
    {{"client.sign"}, {"client.enc", "intermediate"}, {"client.sign", "client.enc", "intermediate"}, false},
    {{"client.sign", "under-two-intermediates.enc", "intermediate", "chain-2", "chain-1"}, {NULL},
     {"client.sign", "under-two-intermediates.enc", "intermediate", "chain-2", "chain-1"}, false},
    {{"client.sign", "under-two-intermediates.enc", "intermediate", "root", "chain-2", "chain-1"}, {NULL},
     {"client.sign", "under-two-intermediates.enc", "intermediate", "chain-2", "chain-1"}, true},
};

static const char *write_list(mt_arena *arena, const char *file, const char *const *names)
{
    if (names[0] == NULL)
        return NULL;
    const char *path = in_folder(arena, file);
    mt_credential c = present(names, false);
    mt_writer pem = {0};
    for (size_t i = 0; i < c.chain_len; i++)
        mt_pem_write(&pem, c.chain[i]);
    ck_assert(mt_file_write(path, mt_written(&pem), 0600, diag));
    mt_writer_free(&pem);
    return path;
}

static void expect_first(const mt_credential *wanted, const mt_span *rows, size_t len)
{
    ck_assert_uint_ge(len, wanted->chain_len);
    for (size_t i = 0; i < wanted->chain_len; i++)
        ck_assert_msg(mt_span_equal(rows[i], wanted->chain[i]), "certificate %zu is another", i);
}

START_TEST(both_halves_of_an_owner_come_with_their_issuers)
{
    mt_arena *arena = mt_arena_new();
    const char *name = "client", *key = in_folder(arena, "client-pair.key");
    const char *cert = write_list(arena, "list.pem", two_paths[_i].cert), *enc = write_list(arena, "enc.pem", two_paths[_i].enc_cert);
    mt_credential theirs = {0}, wanted = present(two_paths[_i].sent, false);
    mt_own own = {0};
    mt_pki_config c = {.recipes = MT_DATA_DIR "/certs", .cert = cert, .key = key, .enc_cert = enc, .enc_key = enc ? key : NULL};
    mt_pki *p = mt_pki_open(&c, diag);
    ck_assert_msg(p != NULL, "%s", mt_diag_text(diag));
    ck_assert_msg(mt_pki_present(p, &(mt_presentation){&name, 1, true, MT_SM2, true}, &theirs, diag), "%s", mt_diag_text(diag));
    expect_first(&wanted, theirs.chain, theirs.chain_len);
    ck_assert_uint_eq(theirs.chain_len, wanted.chain_len);
    ck_assert_msg(mt_own_load(&(mt_own_files){cert, key, enc, c.enc_key, NULL}, arena, &own, diag), "%s", mt_diag_text(diag));
    expect_first(&wanted, own.chain.rows, own.chain.len);
    ck_assert_uint_eq(own.chain.len, wanted.chain_len + two_paths[_i].with_root);
    mt_key_free(own.key);
    mt_key_free(own.enc_key);
    mt_pki_free(p);
    mt_arena_free(arena);
}
END_TEST

START_TEST(a_signing_half_alone_has_no_pair)
{
    mt_arena *arena = mt_arena_new();
    const char *name = "client";
    mt_presentation what = {&name, 1, true, MT_SM2, true}, single = {&name, 1, true, MT_SM2, false};
    mt_pki *p = mt_pki_open(&(mt_pki_config){.recipes = MT_DATA_DIR "/certs", .cert = in_folder(arena, "client.sign.pem"),
                                             .key = in_folder(arena, "client.sign.key")}, diag);
    ck_assert_msg(p != NULL, "%s", mt_diag_text(diag));
    ck_assert_ptr_null(mt_pki_presentable(p, &single));
    ck_assert_ptr_nonnull(strstr(mt_pki_presentable(p, &what), "encryption certificate"));
    mt_pki_free(p);
    mt_arena_free(arena);
}
END_TEST

static const suite_row tests[] = {
    {&an_owners_pair_is_taken_or_what_is_wrong_is_said, MT_COUNT(owners), 0},
    {&both_halves_of_an_owner_come_with_their_issuers, MT_COUNT(two_paths), 0},
    {&a_signing_half_alone_has_no_pair, 0, 0},
    {&an_sm2_pair_wants_an_sm2_ca, 2, 0},
    {&a_pair_is_made_from_one_recipe, 3, 0},
    {&nothing_in_it_that_gmssl_refuses, 3, 0},
    {&a_half_is_a_recipe_wherever_one_is_named, 0, 0},
    {&outside_of_tlcp_there_is_no_pair, 0, 0},
    {&the_description_names_the_halves, 0, 0},
    {&lists_are_judged, MT_COUNT(lists), 0},
    {&every_recipe_makes_a_pair_that_gets_its_verdict, 0, 0},
};

static bool make_files(void)
{
    for (size_t i = 0; i < MT_COUNT(made); i++) {
        const char *files[MT_PAIR_FILES];
        mt_presentation what = {&made[i], 1, true, MT_SM2, false};
        if (mt_pki_file(pki, &what, diag) == NULL || mt_pki_pair_files(pki, made[i], files, diag) != MT_PAIR_FILES)
            return false;
    }
    return true;
}

int main(void)
{
    char dir[] = "/tmp/mtlspec-test-pair-XXXXXX";
    diag = mt_diag_new();
    folder = mkdtemp(dir);
    pki = folder ? mt_pki_open(&(mt_pki_config){.recipes = MT_DATA_DIR "/certs", .dir = folder}, diag) : NULL;
    if (pki == NULL || !make_files()) {
        mt_diag_print(diag, stderr);
        return EXIT_FAILURE;
    }
    int result = suite_run("pki pair", tests, MT_COUNT(tests));
    mt_test_remove_folder(dir);
    mt_pki_free(pki);
    mt_diag_free(diag);
    return result;
}
