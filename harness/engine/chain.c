// SPDX-License-Identifier: Apache-2.0
/* The certificates of a peer: which of them count as its own, and their keys. */
#include "crypto/certificate.h"
#include "engine/state.h"

/* The value of the extension 2.5.29.`last`, wherever its bytes stand: good enough for a fault. Empty: there is none. */
static mt_span extension_of(mt_span der, uint8_t last)
{
    const uint8_t oid[] = {0x06, 0x03, 0x55, 0x1d, last}, critical[] = {0x01, 0x01, 0xff};
    enum { VALUE_MAX = 16 };
    for (; der.len > sizeof oid + VALUE_MAX; der = mt_span_skip(der, 1)) {
        if (memcmp(der.at, oid, sizeof oid) != 0)
            continue;
        mt_span value = mt_span_first(mt_span_skip(der, sizeof oid), VALUE_MAX);
        value = mt_span_skip(value, value.at[0] == critical[0] ? sizeof critical : 0);
        return mt_span_skip(value, 2); /* header of the OCTET STRING */
    }
    return (mt_span){0};
}

/* basicConstraints with cA TRUE (RFC 5280 4.2.1.9). */
static bool says_ca(mt_span der)
{
    static const uint8_t yes[] = {0x01, 0x01, 0xff};
    mt_span value = extension_of(der, 0x13);
    return value.len != 0 && memcmp(value.at + 2, yes, sizeof yes) == 0;
}

/* keyUsage with digitalSignature (RFC 5280 4.2.1.3). */
static bool says_signs(mt_span der)
{
    mt_span value = extension_of(der, 0x0f); /* 03 LEN UNUSED BITS */
    return value.len != 0 && (value.at[3] & 0x80) != 0;
}

static void move(mt_span *chain, size_t from, size_t to)
{
    mt_span one = chain[from];
    memmove(&chain[to + 1], &chain[to], (from - to) * sizeof *chain);
    chain[to] = one;
}

static size_t first_leaf(const mt_span *chain, size_t n, size_t from)
{
    while (from < n && says_ca(chain[from]))
        from++;
    return from;
}

/* The first that may sign and the first other that is no CA's, to the front. */
static void find_pair(mt_span *chain, size_t n)
{
    size_t sign = first_leaf(chain, n, 0);
    while (sign < n && !says_signs(chain[sign]))
        sign = first_leaf(chain, n, sign + 1);
    if (sign == n)
        return;
    move(chain, sign, 0);
    size_t enc = first_leaf(chain, n, 1);
    if (enc < n)
        move(chain, enc, 1);
}

void mt_chain_reorder(const mt_engine *e, mt_span *chain, size_t n)
{
    size_t leaf = first_leaf(chain, n, 0);
    if (mt_has_fault(e, MT_ACCEPT_LEAF_ANYWHERE) && leaf < n)
        move(chain, leaf, 0);
    if (mt_has_fault(e, MT_ACCEPT_PAIR_ANYWHERE) && e->protocol->pairs)
        find_pair(chain, n);
}

/* ---- keys ---- */

static mt_key *read_key(mt_engine *e, size_t i)
{
    mt_span spki;
    mt_key *key = mt_certificate_spki(e->info.peer_chain[i], &spki) ? mt_key_from_spki(spki) : NULL;
    bool other = key != NULL && e->protocol->pairs && mt_key_kind_of(key) != MT_KEY_SM2;
    if (other && !mt_has_fault(e, MT_ACCEPT_OTHER_KEY_TYPE))
        mt_fail(e, MT_ALERT_UNSUPPORTED_CERTIFICATE, "certificate %zu has a key that is not of SM2", i);
    return key;
}

/* Only the server of an ECC suite has no use for the key of the peer's encryption certificate. */
static bool needs_enc_key(const mt_engine *e)
{
    return e->c.role == MT_CLIENT || e->suite->kex == MT_KEX_SM2_AGREEMENT;
}

static void keep_enc_key(mt_engine *e)
{
    mt_key *key = e->info.peer_chain_len > 1 ? read_key(e, 1) : NULL;
    bool usable = key != NULL && mt_key_kind_of(key) == MT_KEY_SM2;
    if (!usable && needs_enc_key(e))
        mt_fail(e, MT_ALERT_BAD_CERTIFICATE, "no encryption certificate with a key of SM2");
    if (!usable) {
        mt_key_free(key);
        key = NULL;
    }
    e->peer_enc_key = key;
}

void mt_chain_keep_keys(mt_engine *e)
{
    mt_key_free(e->peer_key);
    mt_key_free(e->peer_enc_key);
    e->peer_enc_key = NULL;
    e->peer_key = read_key(e, 0);
    e->info.peer_key = e->peer_key ? mt_key_kind_of(e->peer_key) : MT_KEY_NONE;
    if (e->peer_key == NULL)
        mt_fail(e, MT_ALERT_BAD_CERTIFICATE, "certificate 0 has no key that we can read");
    if (e->protocol->pairs && !mt_ended(e))
        keep_enc_key(e);
}
