// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.h"

#include "hex.h"
#include "suite.h"

static const struct {
    mt_hash_id id;
    const char *hex; /* of "abc": FIPS 180-4, RFC 1321, GB/T 32905 */
} hashes[] = {
    {MT_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {MT_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {MT_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {MT_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {MT_MD5, "900150983cd24fb0d6963f7d28e17f72"},
    {MT_SM3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
};

START_TEST(hashes_abc)
{
    mt_digest d = mt_hash(hashes[_i].id, mt_span_text("abc"));
    ck_assert_uint_eq(d.len, mt_hash_len(hashes[_i].id));
    check_hex(mt_digest_span(&d), hashes[_i].hex);
}
END_TEST

START_TEST(a_running_hash_goes_on_after_its_value)
{
    mt_running_hash *h = mt_running_hash_new(hashes[_i].id);
    mt_running_hash_add(h, mt_span_text("a"));
    mt_digest first = mt_running_hash_value(h), a = mt_hash(hashes[_i].id, mt_span_text("a"));
    mt_running_hash *fork = mt_running_hash_fork(h);
    mt_running_hash_add(h, mt_span_text("bc"));
    mt_running_hash_add(fork, mt_span_text("d"));
    mt_digest second = mt_running_hash_value(h), forked = mt_running_hash_value(fork);
    mt_digest ad = mt_hash(hashes[_i].id, mt_span_text("ad"));
    ck_assert(mt_span_equal(mt_digest_span(&first), mt_digest_span(&a)));
    ck_assert(mt_span_equal(mt_digest_span(&forked), mt_digest_span(&ad)));
    check_hex(mt_digest_span(&second), hashes[_i].hex);
    mt_running_hash_free(h);
    mt_running_hash_free(fork);
}
END_TEST

START_TEST(no_hash_is_refused)
{
    mt_hash(MT_HASH_NONE, mt_span_text("abc"));
}
END_TEST

/* RFC 4231 4.2, 4.3 and 4.7 (a key longer than a block). */
static const struct {
    mt_hash_id id;
    const char *key, *data, *mac;
} macs[] = {
    {MT_SHA256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {MT_SHA384, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"},
    {MT_SHA256, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {MT_SHA256, "", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

START_TEST(authenticates)
{
    mt_writer key = {0}, data = {0};
    from_hex(&key, macs[_i].key);
    from_hex(&data, macs[_i].data);
    mt_digest d = mt_hmac(macs[_i].id, mt_written(&key), mt_written(&data));
    check_hex(mt_digest_span(&d), macs[_i].mac);
    mt_writer_free(&key);
    mt_writer_free(&data);
}
END_TEST

/* The vectors of the TLS working group's list (message 03416), which every library uses. */
static const struct {
    mt_hash_id id;
    const char *secret, *seed, *out;
} prfs[] = {
    {MT_SHA256, "9bbe436ba940f017b17652849a71db35", "a0ba9f936cda311827a6f796ffd5198c",
     "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17"
     "abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66"},
    {MT_SHA384, "b80b733d6ceefcdc71566ea48e5567df", "cd665cf6a8447dd6ff8b27555edb7465",
     "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700"
     "884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26"
     "066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f"},
};

START_TEST(prf_of_tls12)
{
    mt_writer secret = {0}, seed = {0}, want = {0}, out = {0};
    from_hex(&secret, prfs[_i].secret);
    from_hex(&seed, prfs[_i].seed);
    from_hex(&want, prfs[_i].out);
    uint8_t *room = mt_write_room(&out, want.len);
    mt_prf(prfs[_i].id, mt_written(&secret), "test label", mt_written(&seed), (mt_room){room, want.len});
    check_hex(mt_written(&out), prfs[_i].out);
    mt_writer_free(&secret);
    mt_writer_free(&seed);
    mt_writer_free(&want);
    mt_writer_free(&out);
}
END_TEST

/* RFC 5869 A.1 and A.3. */
static const struct {
    const char *ikm, *salt, *info, *prk, *okm;
} hkdfs[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
     "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
     "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

START_TEST(hkdf)
{
    mt_writer ikm = {0}, salt = {0}, info = {0};
    from_hex(&ikm, hkdfs[_i].ikm);
    from_hex(&salt, hkdfs[_i].salt);
    from_hex(&info, hkdfs[_i].info);
    mt_digest prk = mt_hkdf_extract(MT_SHA256, mt_written(&salt), mt_written(&ikm));
    check_hex(mt_digest_span(&prk), hkdfs[_i].prk);
    mt_digest okm = mt_hkdf_expand(MT_SHA256, mt_digest_span(&prk), mt_written(&info), strlen(hkdfs[_i].okm) / 2);
    check_hex(mt_digest_span(&okm), hkdfs[_i].okm);
    mt_writer_free(&ikm);
    mt_writer_free(&salt);
    mt_writer_free(&info);
}
END_TEST

START_TEST(hkdf_has_a_limit)
{
    mt_hkdf_expand(MT_SHA256, mt_span_text("secret"), (mt_span){0}, MT_HASH_MAX + 1);
}
END_TEST

static const suite_row rows[] = {
    {&hashes_abc, MT_COUNT(hashes), 0},
    {&a_running_hash_goes_on_after_its_value, MT_COUNT(hashes), 0},
    {&no_hash_is_refused, 0, 3},
    {&authenticates, MT_COUNT(macs), 0},
    {&prf_of_tls12, MT_COUNT(prfs), 0},
    {&hkdf, MT_COUNT(hkdfs), 0},
    {&hkdf_has_a_limit, 0, 3},
};

int main(void)
{
    return suite_run("crypto_hash", rows, MT_COUNT(rows));
}
