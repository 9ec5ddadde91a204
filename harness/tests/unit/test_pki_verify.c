// SPDX-License-Identifier: Apache-2.0
/* The path verifier and the recipes hold each other: every recipe gets the verdict that it states, and every fault turns
 * exactly the verdicts of the recipes that name it. */
#include "pki/verify.h"
#include "pki/recipe.h"

#include "suite.h"

#include <openssl/x509.h>
#include <time.h>

static mt_pki *pki;
static mt_diag *diag;

static mt_credential present(const mt_presentation *what)
{
    mt_credential c;
    ck_assert_msg(mt_pki_present(pki, what, &c, diag), "%s", mt_diag_text(diag));
    return c;
}

/* The roots of all three algorithms. */
static mt_span trusted[2][MT_ALGORITHMS];
static size_t trusted_len[2];

typedef const mt_span *roots_of(mt_pki *p, size_t *n, mt_diag *d);

static void trust(bool server, roots_of *roots)
{
    size_t n = 0;
    const mt_span *rows = roots(pki, &n, diag);
    for (size_t i = 0; rows != NULL && i < n && trusted_len[server] < MT_ALGORITHMS; i++)
        trusted[server][trusted_len[server]++] = rows[i];
}

static bool trust_all(void)
{
    trust(false, mt_pki_anchors);
    trust(false, mt_pki_sm2_anchors);
    trust(true, mt_pki_server_anchors);
    trust(true, mt_pki_sm2_server_anchors);
    return trusted_len[false] == MT_ALGORITHMS && trusted_len[true] == MT_ALGORITHMS;
}

static mt_path_verdict judge(const mt_credential *c, bool server, uint64_t faults)
{
    mt_path path = {.chain = c->chain, .chain_len = c->chain_len, .faults = faults};
    path.purpose = server ? MT_PURPOSE_SERVER : MT_PURPOSE_CLIENT;
    path.anchors = trusted[server];
    path.anchors_len = trusted_len[server];
    return mt_path_verify(&path);
}

/* Of all recipes only those that state a hash are out of reach, and only for SM2, which has one hash. */
static bool is_made(const char *name, mt_algorithm a)
{
    return mt_pki_reach(pki, name, a) == NULL;
}

static mt_credential natural(const char *name, mt_algorithm a)
{
    mt_presentation what = {&name, 1, true, a, false};
    return present(&what);
}

/* Fails the test with all findings at once: a table of recipes is repaired faster so. */
static void expect_none(mt_writer *wrong)
{
    ck_assert_msg(wrong->len == 0, "\n%s", mt_writer_text(wrong));
    mt_writer_free(wrong);
}

static bool names(const mt_yaml_texts *list, const char *fault)
{
    for (size_t i = 0; i < list->len; i++)
        if (strcmp(list->rows[i], fault) == 0)
            return true;
    return false;
}

START_TEST(every_recipe_gets_its_verdict)
{
    size_t n;
    mt_writer wrong = {0};
    const char *const *all = mt_pki_names(pki, &n);
    for (size_t i = 0; i < n; i++) {
        const mt_recipe *r = mt_recipe_at(pki, all[i]);
        if (!is_made(all[i], (mt_algorithm)_i))
            continue;
        mt_credential c = natural(all[i], (mt_algorithm)_i);
        mt_path_verdict v = judge(&c, r->server != 0, 0);
        if (r->verdict == MT_RECIPE_ACCEPTED && !v.ok)
            mt_writef(&wrong, "%s is refused: %s\n", all[i], v.text);
        if (r->verdict == MT_RECIPE_REFUSED && v.ok)
            mt_writef(&wrong, "%s is accepted\n", all[i]);
    }
    expect_none(&wrong);
}
END_TEST

START_TEST(few_recipes_are_not_made_over_sm2)
{
    size_t n, left_out = 0;
    const char *const *all = mt_pki_names(pki, &n);
    for (size_t i = 0; i < n; i++) {
        const mt_recipe *r = mt_recipe_at(pki, all[i]);
        bool made = is_made(all[i], MT_SM2);
        ck_assert_msg(made || strstr(mt_pki_reach(pki, all[i], MT_SM2), "SM3") != NULL, "%s", all[i]);
        ck_assert_msg(is_made(all[i], MT_RSA) && is_made(all[i], MT_ECC), "%s", all[i]);
        left_out += !made;
        mt_credential c = made ? natural(all[i], MT_SM2) : (mt_credential){0};
        ck_assert_msg(!made || r->key_type != 0 || mt_key_kind_of(c.key) == MT_KEY_SM2, "%s", all[i]);
    }
    ck_assert_uint_le(left_out, 6);
}
END_TEST

/* The same signature does not hold for libcrypto alone, which takes the empty id: the id is what makes it hold here. */
START_TEST(an_sm2_chain_needs_its_id)
{
    mt_credential c = natural("client", MT_SM2);
    const unsigned char *at = c.chain[0].at, *issuer_at = c.chain[1].at;
    X509 *leaf = d2i_X509(NULL, &at, (long)c.chain[0].len), *issuer = d2i_X509(NULL, &issuer_at, (long)c.chain[1].len);
    ck_assert(leaf != NULL && issuer != NULL);
    ck_assert_int_eq(X509_get_signature_nid(leaf), NID_SM2_with_SM3);
    ck_assert_int_ne(X509_verify(leaf, X509_get0_pubkey(issuer)), 1);
    X509_free(leaf);
    X509_free(issuer);
    ck_assert(judge(&c, false, 0).ok);
}
END_TEST

static bool is_listed(const mt_recipe *r, size_t fault)
{
    return names(mt_path_faults[fault].over_strict ? &r->refused_by : &r->masked_by, mt_path_faults[fault].name);
}

static void check_fault(mt_writer *wrong, const mt_recipe *r, const mt_credential *c, size_t fault)
{
    bool before = judge(c, r->server != 0, 0).ok;
    mt_path_verdict after = judge(c, r->server != 0, (uint64_t)1 << fault);
    if ((after.ok != before) != is_listed(r, fault))
        mt_writef(wrong, "%s under %s is %s %s\n", r->name, mt_path_faults[fault].name, after.ok ? "accepted" : "refused:", after.text);
}

/* All faults that could turn the verdict `ok` of the recipe, except those that it names. */
static uint64_t unlisted(const mt_recipe *r, bool ok)
{
    uint64_t set = 0;
    for (size_t k = 0; k < mt_path_fault_count; k++)
        if (mt_path_faults[k].over_strict == ok && !is_listed(r, k))
            set |= (uint64_t)1 << k;
    return set;
}

/* Signatures take time: the faults that must turn nothing are tried together, and one by one only where that turns something. */
static void check_faults(mt_writer *wrong, const mt_recipe *r, const mt_credential *c)
{
    bool ok = judge(c, r->server != 0, 0).ok;
    bool turned = ok != judge(c, r->server != 0, unlisted(r, ok)).ok;
    for (size_t k = 0; k < mt_path_fault_count; k++)
        if (turned || is_listed(r, k))
            check_fault(wrong, r, c, k);
}

START_TEST(every_fault_turns_its_recipes_and_no_other)
{
    size_t n;
    mt_writer wrong = {0};
    const char *const *all = mt_pki_names(pki, &n);
    for (size_t i = 0; i < n; i++) {
        const mt_recipe *r = mt_recipe_at(pki, all[i]);
        if (r->verdict == MT_RECIPE_UNSTATED || !is_made(all[i], (mt_algorithm)_i))
            continue;
        mt_credential c = natural(all[i], (mt_algorithm)_i);
        check_faults(&wrong, r, &c);
    }
    expect_none(&wrong);
}
END_TEST

START_TEST(every_fault_that_a_recipe_names_exists)
{
    size_t n;
    const char *const *all = mt_pki_names(pki, &n);
    for (size_t i = 0; i < n; i++) {
        const mt_recipe *r = mt_recipe_at(pki, all[i]);
        for (size_t k = 0; k < r->masked_by.len; k++)
            ck_assert_msg(mt_path_fault_bit(r->masked_by.rows[k]) != 0, "%s: %s", all[i], r->masked_by.rows[k]);
        for (size_t k = 0; k < r->refused_by.len; k++)
            ck_assert_msg(mt_path_fault_bit(r->refused_by.rows[k]) != 0, "%s: %s", all[i], r->refused_by.rows[k]);
    }
}
END_TEST

/* Lists that no single recipe makes. `fault` turns the verdict. */
static const struct {
    const char *says;
    const char *names[6];
    bool ok;
    const char *fault;
} lists[] = {
    {"the root may be in the list", {"client", "intermediate", "root"}, true, "refuse-root-in-list"},
    {"a certificate may be in it twice", {"client", "intermediate", "intermediate"}, true, "refuse-duplicate-certificate"},
    {"the leaf may be in it twice", {"client", "client", "intermediate"}, true, "refuse-duplicate-certificate"},
    {"strays may be in it", {"client", "stray", "intermediate"}, true, "refuse-stray-certificate"},
    {"expired strays may be in it", {"client", "intermediate", "expired-stray"}, true, "refuse-stray-certificate"},
    {"the order of issuers does not count", {"under-two-intermediates", "chain-1", "chain-2"}, true, "refuse-reversed-order"},
    {"a look-alike before the real one", {"client", "lookalike-intermediate", "intermediate"}, true, "refuse-stray-certificate"},
    {"an unknown root may be sent too", {"unknown-ca", "other-intermediate", "other-root"}, false, "accept-unknown-ca"},
    {"the intermediate is missing", {"client"}, false, "accept-incomplete-chain"},
    {"a look-alike in place of the real one", {"client", "lookalike-intermediate"}, false, "accept-bad-signature"},
    {"a look-alike root may be sent too", {"under-lookalike-root", "lookalike-root"}, false, "accept-unknown-ca"},
    {"the real root and nothing that it signed", {"unknown-ca", "root"}, false, "accept-incomplete-chain"},
    {"an intermediate before the leaf", {"intermediate", "client"}, false, "ignore-key-usage"},
};

START_TEST(lists_are_judged)
{
    for (int a = MT_RSA; a <= MT_SM2; a++) {
        size_t n = 0;
        while (lists[_i].names[n] != NULL)
            n++;
        mt_presentation what = {lists[_i].names, n, false, (mt_algorithm)a, false};
        mt_credential c = present(&what);
        mt_path_verdict v = judge(&c, false, 0);
        ck_assert_msg(v.ok == lists[_i].ok, "%s: %s", lists[_i].says, v.text);
        v = judge(&c, false, mt_path_fault_bit(lists[_i].fault));
        ck_assert_msg(v.ok != lists[_i].ok, "%s, under %s: %s", lists[_i].says, lists[_i].fault, v.text);
    }
}
END_TEST

START_TEST(junk_behind_the_leaf_is_refused)
{
    mt_credential c = natural("client", MT_ECC);
    mt_span chain[3] = {c.chain[0], c.chain[1], mt_span_text("no certificate")};
    mt_credential junk = {.chain = chain, .chain_len = 3};
    ck_assert(!judge(&junk, false, 0).ok);
    ck_assert(judge(&junk, false, mt_path_fault_bit("accept-junk-certificate")).ok);
    chain[2] = (mt_span){0};
    ck_assert_uint_eq(judge(&junk, false, 0).alert, 42);
    junk.chain_len = 0;
    ck_assert(!judge(&junk, false, mt_path_fault_bit("accept-junk-certificate")).ok);
}
END_TEST

START_TEST(a_chain_has_a_limit)
{
    mt_span chain[MT_CHAIN_MAX + 1];
    mt_credential c = natural("client", MT_ECC);
    for (size_t i = 0; i < MT_COUNT(chain); i++)
        chain[i] = c.chain[i == 0 ? 0 : 1];
    mt_credential many = {.chain = chain, .chain_len = MT_CHAIN_MAX};
    ck_assert(judge(&many, false, 0).ok);
    many.chain_len++;
    ck_assert(!judge(&many, false, 0).ok);
}
END_TEST

static const struct {
    const char *host;
    bool ok;
} hosts[] = {{NULL, true}, {"localhost", true},   {"127.0.0.1", true}, {"::1", true},
             {"LOCALHOST", true}, {"127.0.0.2", false}, {"localhos", false}, {"a.localhost", false}};

START_TEST(a_server_must_carry_its_name)
{
    mt_credential c = natural("server", MT_ECC);
    mt_path path = {.chain = c.chain, .chain_len = c.chain_len, .purpose = MT_PURPOSE_SERVER, .host = hosts[_i].host};
    path.anchors = mt_pki_server_anchors(pki, &path.anchors_len, diag);
    mt_path_verdict v = mt_path_verify(&path);
    ck_assert_msg(v.ok == hosts[_i].ok, "%s: %s", hosts[_i].host, v.text);
    path.faults = mt_path_fault_bit("accept-other-host");
    ck_assert(mt_path_verify(&path).ok);
    path.purpose = MT_PURPOSE_CLIENT;
    ck_assert(!mt_path_verify(&path).ok);
}
END_TEST

START_TEST(time_decides_to_the_second)
{
    mt_credential c = natural("expired", MT_ECC);
    mt_path path = {.chain = c.chain, .chain_len = c.chain_len};
    path.anchors = mt_pki_anchors(pki, &path.anchors_len, diag);
    int64_t last = (int64_t)time(NULL) / 86400 * 86400 - 86400;
    path.now = last; /* the last second of the leaf and the first of its issuers */
    mt_path_verdict v = mt_path_verify(&path);
    ck_assert_msg(v.ok, "%s", v.text);
    path.now = last + 1;
    ck_assert(!mt_path_verify(&path).ok);
    path.now = last - 1;
    v = mt_path_verify(&path);
    ck_assert_msg(!v.ok && strstr(v.text, "mtlspec ecc") != NULL, "an issuer is not that old: %s", v.text);
}
END_TEST

static const struct {
    const char *recipe;
    int alert;
} alerts[] = {
    {"expired", 45},       {"not-yet-valid", 45},    {"unknown-ca", 48},     {"self-signed", 48},
    {"bad-signature", 42}, {"server-auth-only", 43}, {"key-agreement-only", 43},
    {"under-intermediate-not-ca", 48}, {"path-length-exceeded", 48}, {"unknown-critical-extension", 46},
    {"signed-with-sha1", 42},
};

START_TEST(alerts_are_those_of_the_rfc)
{
    for (int a = MT_RSA; a <= MT_SM2; a++) {
        if (!is_made(alerts[_i].recipe, (mt_algorithm)a))
            continue;
        mt_credential c = natural(alerts[_i].recipe, (mt_algorithm)a);
        mt_path_verdict v = judge(&c, false, 0);
        ck_assert_msg(!v.ok && v.alert == alerts[_i].alert, "%s: alert %d, %s", alerts[_i].recipe, v.alert, v.text);
    }
}
END_TEST

START_TEST(faults_have_names_of_their_own)
{
    uint64_t seen = 0;
    size_t lenient = 0;
    for (size_t i = 0; i < mt_path_fault_count; i++) {
        uint64_t bit = mt_path_fault_bit(mt_path_faults[i].name);
        ck_assert_msg((seen & bit) == 0 && bit != 0, "%s", mt_path_faults[i].name);
        seen |= bit;
        lenient += !mt_path_faults[i].over_strict;
    }
    ck_assert_uint_ge(lenient, 18);
    ck_assert_uint_eq(mt_path_fault_bit("accept-nonsense"), 0);
}
END_TEST

static const suite_row tests[] = {
    {&every_recipe_gets_its_verdict, MT_ALGORITHMS, 0},
    {&every_fault_turns_its_recipes_and_no_other, MT_ALGORITHMS, 0},
    {&few_recipes_are_not_made_over_sm2, 0, 0},
    {&an_sm2_chain_needs_its_id, 0, 0},
    {&every_fault_that_a_recipe_names_exists, 0, 0},
    {&lists_are_judged, MT_COUNT(lists), 0},
    {&junk_behind_the_leaf_is_refused, 0, 0},
    {&a_chain_has_a_limit, 0, 0},
    {&a_server_must_carry_its_name, MT_COUNT(hosts), 0},
    {&time_decides_to_the_second, 0, 0},
    {&alerts_are_those_of_the_rfc, MT_COUNT(alerts), 0},
    {&faults_have_names_of_their_own, 0, 0},
};

/* Everything is made once, before Check forks. */
static bool make_all(void)
{
    size_t n;
    const char *const *all = mt_pki_names(pki, &n);
    for (size_t i = 0; i < n; i++)
        for (int a = MT_RSA; a <= MT_SM2; a++) {
            mt_credential c;
            mt_presentation what = {&all[i], 1, true, (mt_algorithm)a, false};
            if (is_made(all[i], (mt_algorithm)a) && !mt_pki_present(pki, &what, &c, diag))
                return false;
        }
    return trust_all();
}

int main(void)
{
    diag = mt_diag_new();
    mt_pki_config config = {.recipes = MT_DATA_DIR "/certs"};
    pki = mt_pki_open(&config, diag);
    if (pki == NULL || !make_all()) {
        mt_diag_print(diag, stderr);
        return EXIT_FAILURE;
    }
    int result = suite_run("pki verify", tests, MT_COUNT(tests));
    mt_pki_free(pki);
    mt_diag_free(diag);
    return result;
}
