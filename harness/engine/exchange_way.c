// SPDX-License-Identifier: Apache-2.0
#include "engine/exchange_way.h"

#include "crypto/sm2_lie.h"

typedef enum point_lie { POINT_HONEST, POINT_COMPRESSED, POINT_ORDER_TWO, POINT_ZERO, POINT_INFINITY } point_lie;

typedef struct exchange_way {
    mt_way way;
    mt_kex kex;              /* of the suites in which it is a way */
    /* MT_KEX_SM2_ENCRYPTION */
    mt_sm2_cipher_form form;
    uint16_t version;        /* in the pre-master secret; 0: the protocol's */
    size_t len;              /* of the pre-master secret; 0: 48 */
    /* MT_KEX_SM2_AGREEMENT */
    point_lie point;
    const char *id;          /* of both sides; NULL: the protocol's */
    bool z_swapped;          /* the client's Z before the server's */
    bool without_key;        /* no static key of ours takes part */
    /* both */
    bool signing_key;        /* that of the signing certificate takes the place of that for encryption */
} exchange_way;

#define ECC MT_KEX_SM2_ENCRYPTION
#define ECDHE MT_KEX_SM2_AGREEMENT

static const exchange_way ways[] = {
    {{"c1c2c3", "ECC: the ciphertext in the order C1 C2 C3"}, ECC, .form.layout = MT_SM2_C1C2C3},
    {{"raw-c1c3c2", "ECC: the ciphertext C1 C3 C2 without DER"}, ECC, .form.layout = MT_SM2_RAW_C1C3C2},
    {{"raw-c1c2c3", "ECC: the ciphertext C1 C2 C3 without DER"}, ECC, .form.layout = MT_SM2_RAW_C1C2C3},
    {{"c1-zero", "ECC: C1 is 0 0, which stands for infinity"}, ECC, .form.c1 = MT_SM2_C1_ZERO},
    {{"c1-order-two-odd", "ECC: C1 is off the curve and of order two, for a private key that is odd"}, ECC, .form.c1 = MT_SM2_C1_TWO_ODD},
    {{"c1-order-two-even", "ECC: C1 is off the curve and of order two, for a private key that is even"}, ECC,
     .form.c1 = MT_SM2_C1_TWO_EVEN},
    {{"version-tls12", "ECC: the pre-master secret begins with 0303"}, ECC, .version = MT_TLS12},
    {{"version-0100", "ECC: the pre-master secret begins with 0100"}, ECC, .version = 0x0100},
    {{"premaster-47", "ECC: the pre-master secret has 47 bytes"}, ECC, .len = MT_PREMASTER - 1},
    {{"premaster-49", "ECC: the pre-master secret has 49 bytes"}, ECC, .len = MT_PREMASTER + 1},
    {{"to-signing-key", "ECC: encrypted to the key of the server's signing certificate"}, ECC, .signing_key = true},
    {{"point-compressed", "ECDHE: our point in compressed form"}, ECDHE, .point = POINT_COMPRESSED},
    {{"point-order-two", "ECDHE: a point off the curve, of order two, and a secret without it"}, ECDHE, .point = POINT_ORDER_TWO},
    {{"point-zero", "ECDHE: the point 0 0, and a secret without it"}, ECDHE, .point = POINT_ZERO},
    {{"point-infinity", "ECDHE: the byte 00, which is infinity, and a secret without it"}, ECDHE, .point = POINT_INFINITY},
    {{"id-empty", "ECDHE: with empty identifiers"}, ECDHE, .id = ""},
    {{"id-of-tls13", "ECDHE: with the identifier of TLS 1.3"}, ECDHE, .id = MT_SM2_ID_TLS13},
    {{"z-swapped", "ECDHE: with the client's Z before the server's"}, ECDHE, .z_swapped = true},
    {{"with-signing-key", "ECDHE: our signing key in the place of our encryption key"}, ECDHE, .signing_key = true},
    {{"without-key", "ECDHE: without a static key of ours"}, ECDHE, .without_key = true},
};

const mt_way *mt_exchange_way_at(size_t i)
{
    return i < MT_COUNT(ways) ? &ways[i].way : NULL;
}

mt_sm2_agreement mt_agreement_of(const mt_engine *e)
{
    return (mt_sm2_agreement){.is_initiator = e->c.role == MT_SERVER, .own = e->identity.enc_key,
        .own_exchange = mt_exchange_of(e, MT_CURVE_SM2), .peer = e->peer_enc_key, .peer_share = e->peer_share,
        .own_id = MT_SM2_ID, .peer_id = MT_SM2_ID};
}

/* ---- the liar ---- */

static bool encipher(mt_engine *e, const exchange_way *w, mt_tlcp_key_exchange *k)
{
    mt_writer cipher = {0};
    size_t len = w->len != 0 ? w->len : MT_PREMASTER;
    mt_write_uint(&e->premaster, w->version != 0 ? w->version : e->protocol->wire_version, 2);
    mt_write_bytes(&e->premaster, mt_random_span(e, len - 2));
    const mt_key *to = w->signing_key ? e->peer_key : e->peer_enc_key;
    bool ok = to != NULL && mt_sm2_encrypt_as(to, &w->form, mt_written(&e->premaster), &cipher);
    k->ciphertext = mt_keep(e, &cipher);
    return ok;
}

/* The point as sent. */
static mt_span false_point(mt_engine *e, point_lie lie, mt_span honest)
{
    uint8_t *at = mt_arena_copy(e->arena, honest.at, honest.len);
    mt_writer compressed = {0};
    if (lie == POINT_COMPRESSED && mt_sm2_compress(honest, &compressed))
        return mt_keep(e, &compressed);
    if (lie == POINT_ORDER_TWO)
        mt_sm2_order_two(at + 1);
    else if (lie == POINT_ZERO)
        memset(at + 1, 0, honest.len - 1);
    else if (lie == POINT_INFINITY)
        *at = 0;
    return mt_span_of(at, lie == POINT_INFINITY ? 1 : honest.len);
}

static void swap_roles(mt_sm2_agreement *a)
{
    a->is_initiator = !a->is_initiator;
}

static bool agree(mt_engine *e, const exchange_way *w, mt_tlcp_key_exchange *k)
{
    mt_exchange *own = mt_exchange_add(e, MT_CURVE_SM2);
    mt_sm2_agreement a = mt_agreement_of(e);
    k->group = MT_CURVE_SM2;
    k->point = false_point(e, w->point, mt_exchange_share(own));
    if (w->point > POINT_COMPRESSED)
        a.own_exchange = NULL;
    if (w->id != NULL)
        a.own_id = a.peer_id = w->id;
    if (w->z_swapped)
        swap_roles(&a);
    if (w->signing_key || w->without_key)
        a.own = w->signing_key ? e->identity.key : NULL;
    return mt_sm2_agree_in_part(&a, MT_PREMASTER, &e->premaster);
}

bool mt_exchange_by_edit(mt_engine *e, mt_tlcp_key_exchange *k)
{
    const mt_edit *edit = mt_edit_of(e, "client_key_exchange", 1, MT_EDIT_EXCHANGE_AS);
    if (edit == NULL)
        return false;
    const exchange_way *w = &ways[edit->number];
    bool ok = w->kex == e->suite->kex && (w->kex == ECC ? encipher(e, w, k) : agree(e, w, k));
    if (!ok) {
        mt_trace_remark(e, '.', edit->message, "is not made that way with this suite and these keys: `%s` changes nothing", edit->text);
        e->info.edit_missed = edit->text;
        mt_writer_clear(&e->premaster);
    }
    return ok;
}

/* ---- the careless server ---- */

static bool decipher(mt_engine *e, mt_span cipher)
{
    mt_sm2_carelessness how = {mt_has_fault(e, MT_ACCEPT_OTHER_CIPHERTEXT), mt_has_fault(e, MT_SKIP_C3),
                               mt_has_fault(e, MT_ACCEPT_INVALID_POINT)};
    bool careless = how.any_layout || how.any_hash || how.any_point;
    if (mt_has_fault(e, MT_DECRYPT_WITH_SIGNING_KEY) && mt_sm2_decrypt(e->identity.key, cipher, &e->premaster))
        return true;
    return careless && mt_sm2_decrypt_carelessly(e->identity.enc_key, cipher, &how, &e->premaster);
}

static bool agree_by_fault(mt_engine *e, mt_span point)
{
    mt_sm2_agreement a = mt_agreement_of(e);
    mt_writer uncompressed = {0};
    bool lax = false;
    if (mt_has_fault(e, MT_ACCEPT_COMPRESSED_POINT) && mt_sm2_uncompress(point, &uncompressed)) {
        lax = true;
        a.peer_share = mt_written(&uncompressed);
    } else if (mt_has_fault(e, MT_ACCEPT_INVALID_POINT) && mt_sm2_vanishes(point)) {
        lax = true;
        a.peer_share = (mt_span){0};
    } else if (mt_has_fault(e, MT_AGREE_WITHOUT_CERTIFICATE) && a.peer == NULL) {
        lax = true;
    }
    bool ok = lax && mt_sm2_agree_in_part(&a, MT_PREMASTER, &e->premaster);
    mt_writer_free(&uncompressed);
    return ok;
}

bool mt_exchange_by_fault(mt_engine *e, const mt_tlcp_key_exchange *k)
{
    return e->suite->kex == ECC ? decipher(e, k->ciphertext) : agree_by_fault(e, k->point);
}

/* ---- secrets that may be meant ---- */

static bool is_meant(const mt_engine *e, const exchange_way *w)
{
    bool other_z = (w->id != NULL || w->z_swapped) && mt_has_fault(e, MT_ACCEPT_OTHER_ID);
    return w->kex == ECDHE && (other_z || (w->signing_key && mt_has_fault(e, MT_ACCEPT_SIGNING_KEY)));
}

static bool agree_otherwise(mt_engine *e, const exchange_way *w, mt_writer *secret)
{
    mt_sm2_agreement a = mt_agreement_of(e);
    if (w->id != NULL)
        a.own_id = a.peer_id = w->id;
    if (w->z_swapped)
        swap_roles(&a);
    if (w->signing_key)
        a.peer = e->peer_key;
    return mt_sm2_agree(&a, MT_PREMASTER, secret);
}

void mt_exchange_note_others(mt_engine *e)
{
    for (size_t i = 0; i < MT_COUNT(ways) && e->others_len < MT_OTHERS_MAX; i++) {
        mt_writer secret = {0};
        if (is_meant(e, &ways[i]) && agree_otherwise(e, &ways[i], &secret))
            e->others[e->others_len++] = mt_keep(e, &secret);
        mt_writer_free(&secret);
    }
}

bool mt_exchange_unprotect_other(mt_engine *e, const mt_record *r, mt_writer *plain, uint8_t *type)
{
    for (size_t i = 0; i < e->others_len && !e->read_protected; i++) {
        mt_writer_clear(&e->premaster);
        mt_write_bytes(&e->premaster, e->others[i]);
        mt_tls12_master(e);
        mt_tls12_client_keys(e);
        if (mt_unprotect(e->reading, plain, r, type))
            return true;
    }
    return false;
}
