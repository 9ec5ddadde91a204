// SPDX-License-Identifier: Apache-2.0
/* An open pki: what it answers, what it presents, and what an owner's CA or credential does to it. */
#include "pki/pki.h"
#include "pki/recipe.h"
#include "pki/verify.h"

#include "folder.h"
#include "suite.h"

#include <sys/stat.h>
#include <unistd.h>

static mt_diag *diag;
static mt_arena *arena;
static mt_pki *ours;      /* in a folder */
static const char *folder;

static mt_pki *open_with(mt_pki_config c)
{
    c.recipes = c.recipes ? c.recipes : MT_DATA_DIR "/certs";
    return mt_pki_open(&c, diag);
}

static mt_credential natural(mt_pki *p, const char *name, mt_algorithm a)
{
    mt_credential c = {0};
    mt_presentation what = {&name, 1, true, a, false};
    ck_assert_msg(mt_pki_present(p, &what, &c, diag), "%s", mt_diag_text(diag));
    return c;
}

static mt_path_verdict judge(mt_pki *trusting, const mt_credential *c)
{
    mt_path path = {.chain = c->chain, .chain_len = c->chain_len};
    mt_span roots[2 * MT_ALGORITHMS];
    size_t sm2_len;
    const mt_span *rows = mt_pki_anchors(trusting, &path.anchors_len, diag), *sm2 = mt_pki_sm2_anchors(trusting, &sm2_len, diag);
    ck_assert(rows != NULL && sm2 != NULL && path.anchors_len + sm2_len <= MT_COUNT(roots));
    for (size_t i = 0; i < path.anchors_len + sm2_len; i++)
        roots[i] = i < path.anchors_len ? rows[i] : sm2[i - path.anchors_len];
    path.anchors = roots;
    path.anchors_len += sm2_len;
    return mt_path_verify(&path);
}

static const char *file_of(const char *recipe, mt_algorithm a, const char *end)
{
    return mt_arena_printf(arena, "%s/%s/%s.%s", folder, mt_algorithm_name(a), recipe, end);
}

static const char *pool_file(const char *key)
{
    return mt_arena_printf(arena, "%s/keys/%s.key", folder, key);
}

/* ---- asking ---- */

START_TEST(answers_about_recipes)
{
    size_t n;
    const char *const *names = mt_pki_names(ours, &n);
    for (size_t i = 1; i < n; i++)
        ck_assert_int_lt(strcmp(names[i - 1], names[i]), 0);
    ck_assert(mt_pki_has(ours, "client") && !mt_pki_has(ours, "clientele"));
    ck_assert_str_eq(mt_pki_like(ours, "under-lookalike-root"), "client");
    ck_assert_str_eq(mt_pki_like(ours, "lookalike-root-copied"), "root");
    ck_assert_ptr_null(mt_pki_like(ours, "intermediate"));
    ck_assert_ptr_null(mt_pki_like(ours, "clientele"));
    ck_assert_ptr_null(mt_pki_reach(ours, "expired", MT_RSA));
    ck_assert_ptr_null(mt_pki_reach(ours, "expired", MT_SM2));
    ck_assert_ptr_nonnull(mt_pki_reach(ours, "signed-with-sha384", MT_SM2));
    ck_assert_ptr_nonnull(mt_pki_reach(ours, "under-sha1-intermediate", MT_SM2));
    ck_assert_ptr_null(mt_pki_reach(ours, "under-p384-intermediate", MT_SM2));
    ck_assert_ptr_nonnull(mt_pki_reach(ours, "clientele", MT_RSA));
}
END_TEST

START_TEST(an_unknown_recipe_is_named_with_the_nearest)
{
    const char *name = "expird";
    mt_credential c;
    mt_presentation what = {&name, 1, true, MT_ECC, false};
    ck_assert(!mt_pki_present(ours, &what, &c, diag));
    ck_assert_ptr_nonnull(strstr(mt_diag_text(diag), "did you mean 'expired'"));
}
END_TEST

/* ---- presenting ---- */

START_TEST(a_presentation_is_made_once)
{
    mt_credential a = natural(ours, "client", MT_ECC), b = natural(ours, "client", MT_ECC);
    ck_assert_ptr_eq(a.chain, b.chain);
    ck_assert_uint_eq(a.chain_len, 2);
    ck_assert_str_eq(a.description, "CN=mtlspec client  <-  CN=mtlspec ecc intermediate");
    ck_assert(mt_key_is_private(a.key) && mt_key_kind_of(a.key) == MT_KEY_P256);
    ck_assert_ptr_ne(natural(ours, "client", MT_RSA).chain, a.chain);
}
END_TEST

START_TEST(the_key_is_the_leafs)
{
    static const char *const turned[] = {"intermediate", "client"};
    mt_credential c;
    mt_presentation what = {turned, 2, false, MT_ECC, false};
    ck_assert(mt_pki_present(ours, &what, &c, diag));
    ck_assert_ptr_eq(c.key, mt_pki_key(ours, "client", MT_ECC, diag));
    what = (mt_presentation){turned, 1, false, MT_ECC, false};
    ck_assert(mt_pki_present(ours, &what, &c, diag));
    ck_assert_ptr_eq(c.key, mt_pki_key(ours, "intermediate", MT_ECC, diag));
    what.len = 0;
    ck_assert(mt_pki_present(ours, &what, &c, diag));
    ck_assert(c.chain_len == 0 && c.key == NULL);
}
END_TEST

START_TEST(there_is_another_key_to_sign_with)
{
    const mt_key *other = mt_pki_key(ours, "other-key", MT_RSA, diag), *leaf = mt_pki_key(ours, "client", MT_RSA, diag);
    ck_assert(other != NULL && !mt_key_same(other, leaf));
    ck_assert_int_eq(mt_key_kind_of(other), MT_KEY_RSA);
    ck_assert_ptr_null(mt_pki_key(ours, "no-such-key", MT_RSA, diag));
}
END_TEST

START_TEST(certificates_differ_in_serial_number_only_where_they_should)
{
    mt_credential good = natural(ours, "client", MT_ECC), forged = natural(ours, "forged-client", MT_ECC);
    mt_credential twice = natural(ours, "critical-eku", MT_ECC);
    const uint8_t *serial = good.chain[0].at + 15; /* behind the heads, the version and the head of the number */
    ck_assert_mem_eq(serial, forged.chain[0].at + 15, 16);
    ck_assert_mem_ne(serial, twice.chain[0].at + 15, 16);
}
END_TEST

START_TEST(in_memory_there_are_no_files)
{
    const char *name = "client";
    mt_presentation what = {&name, 1, true, MT_ECC, false};
    mt_pki *p = open_with((mt_pki_config){0});
    ck_assert_ptr_nonnull(p);
    ck_assert(mt_pki_make(p, diag));
    ck_assert_ptr_null(mt_pki_file(p, &what, diag));
    ck_assert_uint_eq(natural(p, "client", MT_ECC).chain_len, 2);
    mt_pki_free(p);
}
END_TEST

START_TEST(the_name_of_the_anchor_is_its_subject)
{
    mt_writer name = {0};
    ck_assert(mt_pki_anchor_name(ours, MT_ECC, &name, diag));
    mt_credential c = natural(ours, "root", MT_ECC);
    bool found = false;
    for (size_t i = 0; i + name.len <= c.chain[0].len; i++)
        found = found || memcmp(c.chain[0].at + i, name.at, name.len) == 0;
    ck_assert(found);
    mt_writer_free(&name);
}
END_TEST

/* ---- the owner's credential, and nothing else ---- */

static const struct {
    const char *recipe;
    mt_algorithm algorithm;
    bool reachable;
} opaque_rows[] = {
    {"client", MT_ECC, true},           {"client", MT_RSA, false},        {"expired", MT_ECC, false},
    {"expired", MT_RSA, false},         {"unknown-ca", MT_ECC, true},     {"unknown-ca", MT_RSA, true},
    {"self-signed", MT_ECC, true},      {"bad-signature", MT_ECC, true},  {"bad-signature", MT_RSA, false},
    {"signed-by-stranger", MT_RSA, true}, {"under-lookalike-root", MT_RSA, true}, {"under-lookalike-intermediate", MT_ECC, true},
    {"forged-client", MT_ECC, true},    {"root", MT_ECC, false},          {"intermediate", MT_ECC, true},
    {"under-root", MT_ECC, false},      {"server", MT_RSA, true},
};

static mt_pki *open_opaque(void)
{
    mt_pki *p = open_with((mt_pki_config){.cert = file_of("client", MT_ECC, "pem"), .key = file_of("client", MT_ECC, "key")});
    ck_assert_msg(p != NULL, "%s", mt_diag_text(diag));
    return p;
}

START_TEST(a_credential_alone_reaches_what_needs_no_ca_key)
{
    mt_pki *p = open_opaque();
    const char *why = mt_pki_reach(p, opaque_rows[_i].recipe, opaque_rows[_i].algorithm);
    ck_assert_msg((why == NULL) == opaque_rows[_i].reachable, "%s: %s", opaque_rows[_i].recipe, why ? why : "reachable");
    mt_pki_free(p);
}
END_TEST

/* What can be reached can be made, and the target that issued the credential judges it as the recipe says. */
static void check_reachable(mt_writer *wrong, mt_pki *p, const char *name, mt_algorithm a)
{
    const mt_recipe *r = mt_recipe_at(p, name);
    if (mt_pki_reach(p, name, a) != NULL || r->verdict == MT_RECIPE_UNSTATED || r->verdict == MT_RECIPE_EITHER || r->server)
        return;
    mt_credential c = natural(p, name, a);
    mt_path_verdict v = judge(ours, &c);
    if (v.ok != (r->verdict == MT_RECIPE_ACCEPTED))
        mt_writef(wrong, "%s (%s): %s\n", name, mt_algorithm_name(a), v.ok ? "accepted" : v.text);
}

static void check_all(mt_pki *p)
{
    size_t n;
    mt_writer wrong = {0};
    const char *const *names = mt_pki_names(p, &n);
    for (size_t i = 0; i < n; i++)
        for (int a = MT_RSA; a <= MT_SM2; a++)
            check_reachable(&wrong, p, names[i], (mt_algorithm)a);
    ck_assert_msg(wrong.len == 0, "\n%s", mt_writer_text(&wrong));
    mt_writer_free(&wrong);
    mt_pki_free(p);
}

START_TEST(the_owners_target_judges_what_is_made_from_its_credential)
{
    check_all(open_opaque());
}
END_TEST

START_TEST(the_owners_bytes_are_damaged_and_not_made_again)
{
    mt_pki *p = open_opaque();
    mt_credential good = natural(p, "client", MT_ECC), bad = natural(p, "bad-signature", MT_ECC);
    ck_assert(mt_span_equal(good.chain[0], natural(ours, "client", MT_ECC).chain[0]));
    ck_assert_uint_eq(good.chain[0].len, bad.chain[0].len);
    ck_assert_mem_eq(good.chain[0].at, bad.chain[0].at, good.chain[0].len - 1);
    ck_assert(mt_span_equal(good.chain[1], bad.chain[1]));
    ck_assert_ptr_eq(good.key, bad.key);
    ck_assert_ptr_nonnull(strstr(natural(p, "self-signed", MT_RSA).description, "CN=mtlspec client"));
    mt_pki_free(p);
}
END_TEST

/* ---- the owner's CA ---- */

START_TEST(an_owners_root_issues_everything)
{
    mt_pki *p = open_with((mt_pki_config){.ca = file_of("root", MT_ECC, "pem"), .ca_key = pool_file("p256-ca")});
    ck_assert_msg(p != NULL, "%s", mt_diag_text(diag));
    ck_assert_ptr_null(mt_pki_reach(p, "under-root", MT_RSA));
    check_all(p);
}
END_TEST

START_TEST(an_owners_intermediate_issues_leaves)
{
    mt_pki *p = open_with((mt_pki_config){.ca = file_of("intermediate", MT_ECC, "pem"), .ca_key = pool_file("p256-intermediate")});
    ck_assert_msg(p != NULL, "%s", mt_diag_text(diag));
    ck_assert_ptr_nonnull(mt_pki_reach(p, "under-root", MT_ECC));
    ck_assert_ptr_nonnull(mt_pki_reach(p, "under-expired-intermediate", MT_ECC));
    ck_assert_uint_eq(natural(p, "expired", MT_RSA).chain_len, 2);
    mt_credential c = natural(p, "client", MT_RSA);
    ck_assert_msg(judge(p, &c).ok, "the CA itself is an anchor");
    check_all(p);
}
END_TEST

START_TEST(a_ca_and_a_credential_together)
{
    mt_pki *p = open_with((mt_pki_config){.ca = file_of("root", MT_ECC, "pem"), .ca_key = pool_file("p256-ca"),
                                          .cert = file_of("client", MT_RSA, "pem"), .key = file_of("client", MT_RSA, "key")});
    ck_assert_msg(p != NULL, "%s", mt_diag_text(diag));
    ck_assert(mt_span_equal(natural(p, "client", MT_RSA).chain[0], natural(ours, "client", MT_RSA).chain[0]));
    ck_assert_ptr_null(mt_pki_reach(p, "client", MT_ECC));
    ck_assert_ptr_null(mt_pki_reach(p, "expired", MT_RSA));
    check_all(p);
}
END_TEST

/* ---- recipes that are wrong ---- */

#define BASE \
    "  client: {about: a, issuer: intermediate}\n  intermediate: {about: a, issuer: root}\n  root: {about: a, issuer: self}\n" \
    "  server: {about: a, issuer: self}\n  server-root: {about: a, issuer: self}\n  server-intermediate: {about: a, issuer: self}\n"

static const struct {
    const char *says, *yaml, *said;
} wrong_recipes[] = {
    {"no such parent", BASE "  a: {about: a, like: clint}\n", "did you mean 'client'"},
    {"no such issuer", BASE "  a: {about: a, like: client, issuer: rot}\n", "there is no recipe 'rot'"},
    {"like itself", BASE "  a: {about: a, like: b}\n  b: {about: a, like: a}\n", "like itself"},
    {"issuers in a circle", BASE "  a: {about: a, issuer: b}\n  b: {about: a, issuer: a}\n", "do not end"},
    {"no issuer", BASE "  a: {about: a}\n", "do not end"},
    {"an unknown key", BASE "  a: {about: a, like: client, serail: \"00\"}\n", "did you mean 'serial'"},
    {"an unknown word", BASE "  a: {about: a, like: client, key-usage: [digital-signatur]}\n", "digital-signature"},
    {"no time", BASE "  a: {about: a, like: client, valid-from: yesterday}\n", "not a time"},
    {"no hex", BASE "  a: {about: a, like: client, serial: 0g}\n", "hexadecimal"},
    {"no OID", BASE "  a: {about: a, like: client, extra: [1.x]}\n", "not an extension"},
    {"no name", BASE "  a: {about: a, like: client, alt-names: [\"ip:300.1.1.1\"]}\n", "not a name"},
    {"a name of another form", BASE "  Client: {about: a, like: client}\n", "small letters"},
    {"a base recipe is missing", "  root: {about: a, issuer: self}\n", "'client' is missing"},
    {"no sentence about it", BASE "  a: {like: client}\n", "about"},
    {"several errors at once", BASE "  a: {about: a, like: x1}\n  b: {about: a, issuer: x2, like: x3}\n", "'x2'"},
};

static mt_pki *open_text(const char *yaml)
{
    const char *dir = mt_arena_printf(arena, "%s/wrong", folder), *file = mt_arena_printf(arena, "%s/r.yaml", dir);
    mt_writer text = {0};
    mt_writef(&text, "format: 1\nrecipes:\n%s", yaml);
    mt_pki *p = NULL;
    if (mt_file_write(file, mt_written(&text), 0600, diag))
        p = open_with((mt_pki_config){.recipes = dir});
    mt_writer_free(&text);
    return p;
}

START_TEST(wrong_recipes_are_named)
{
    ck_assert_ptr_null(open_text(wrong_recipes[_i].yaml));
    ck_assert_msg(strstr(mt_diag_text(diag), wrong_recipes[_i].said) != NULL, "%s: %s", wrong_recipes[_i].says, mt_diag_text(diag));
    ck_assert_ptr_nonnull(strstr(mt_diag_text(diag), "wrong"));
}
END_TEST

START_TEST(a_recipe_that_copies_from_itself_is_out_of_reach)
{
    mt_pki *p = open_text(BASE "  a: {about: a, like: client, subject-of: b}\n  b: {about: a, like: client, subject-of: a}\n");
    ck_assert_msg(p != NULL, "%s", mt_diag_text(diag));
    ck_assert_ptr_nonnull(mt_pki_reach(p, "a", MT_ECC));
    mt_pki_free(p);
}
END_TEST

START_TEST(a_folder_without_recipes_is_said)
{
    ck_assert_ptr_null(open_with((mt_pki_config){.recipes = "/nonexistent"}));
    ck_assert_ptr_nonnull(strstr(mt_diag_text(diag), "/nonexistent"));
}
END_TEST

static const suite_row tests[] = {
    {&answers_about_recipes, 0, 0},
    {&an_unknown_recipe_is_named_with_the_nearest, 0, 0},
    {&a_presentation_is_made_once, 0, 0},
    {&the_key_is_the_leafs, 0, 0},
    {&there_is_another_key_to_sign_with, 0, 0},
    {&certificates_differ_in_serial_number_only_where_they_should, 0, 0},
    {&in_memory_there_are_no_files, 0, 0},
    {&the_name_of_the_anchor_is_its_subject, 0, 0},
    {&a_credential_alone_reaches_what_needs_no_ca_key, MT_COUNT(opaque_rows), 0},
    {&the_owners_target_judges_what_is_made_from_its_credential, 0, 0},
    {&the_owners_bytes_are_damaged_and_not_made_again, 0, 0},
    {&an_owners_root_issues_everything, 0, 0},
    {&an_owners_intermediate_issues_leaves, 0, 0},
    {&a_ca_and_a_credential_together, 0, 0},
    {&wrong_recipes_are_named, MT_COUNT(wrong_recipes), 0},
    {&a_recipe_that_copies_from_itself_is_out_of_reach, 0, 0},
    {&a_folder_without_recipes_is_said, 0, 0},
};

int main(void)
{
    char dir[] = "/tmp/mtlspec-test-pki-XXXXXX";
    diag = mt_diag_new();
    arena = mt_arena_new();
    folder = mkdtemp(dir);
    ours = folder ? open_with((mt_pki_config){.dir = folder}) : NULL;
    const char *wrong = mt_arena_printf(arena, "%s/wrong", dir);
    if (ours == NULL || !mt_pki_make(ours, diag) || mkdir(wrong, 0700) != 0) {
        mt_diag_print(diag, stderr);
        return EXIT_FAILURE;
    }
    int result = suite_run("pki", tests, MT_COUNT(tests));
    mt_test_remove_folder(dir);
    mt_pki_free(ours);
    mt_arena_free(arena);
    mt_diag_free(diag);
    return result;
}
