// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"
#include "engine/state.h"

static const uint16_t default_groups[] = {MT_X25519, MT_SECP256R1, MT_SECP384R1, 0};
static const uint16_t sm2_groups[] = {MT_CURVE_SM2, 0}, sm2_schemes[] = {0x0708 /* sm2sig_sm3 */, 0};

/* signature_algorithms that we accept when the configuration names none, in descending preference. */
static const uint16_t default_schemes[] = {
    0x0403, /* ecdsa_secp256r1_sha256 */
    0x0807, /* ed25519 */
    0x0503, /* ecdsa_secp384r1_sha384 */
    0x0603, /* ecdsa_secp521r1_sha512 */
    0x0804, 0x0805, 0x0806, /* rsa_pss_rsae_sha256, 384, 512 */
    0x0401, 0x0501, 0x0601, /* rsa_pkcs1_sha256, 384, 512 */
    0};

static bool is_sm2(const mt_identity *id)
{
    return id->key != NULL && mt_key_kind_of(id->key) == MT_KEY_SM2;
}

/* Without being told SM2 is only for those who have a key of it. */
static bool speaks_sm2(const mt_engine *e)
{
    if (e->c.offer != MT_OFFER_BY_KEY)
        return e->c.offer == MT_OFFER_SM2;
    for (size_t i = 0; i < e->c.identities_len; i++)
        if (is_sm2(&e->c.identities[i]))
            return true;
    return is_sm2(&e->c.identity);
}

static mt_u16s zero_terminated(const uint16_t *list)
{
    size_t n = 0;
    while (list[n] != 0)
        n++;
    return (mt_u16s){list, n};
}

/* RFC 8998 2: with an SM4 suite everything else is SM2 too, and nothing of it with another suite. A client with a key of SM2
 * means that suite from the start. */
static bool is_about_sm2(const mt_engine *e)
{
    return e->suite != NULL ? e->suite->auth == MT_AUTH_SM2 : e->c.role == MT_CLIENT && speaks_sm2(e);
}

static mt_u16s our_groups(const mt_engine *e)
{
    if (e->c.groups != NULL)
        return zero_terminated(e->c.groups);
    return zero_terminated(is_about_sm2(e) ? sm2_groups : default_groups);
}

mt_u16s mt_our_schemes(const mt_engine *e)
{
    if (e->c.schemes != NULL)
        return zero_terminated(e->c.schemes);
    return zero_terminated(is_about_sm2(e) ? sm2_schemes : default_schemes);
}

bool mt_group_allowed(const mt_engine *e, uint16_t group)
{
    return mt_group_known(group) && mt_u16s_has(our_groups(e), group);
}

void mt_random_fill(mt_engine *e, uint8_t *out, size_t n)
{
    if (e->c.random.fill != NULL)
        e->c.random.fill(e->c.random.self, out, n);
    else
        mt_random_bytes(out, n);
}

mt_span mt_random_span(mt_engine *e, size_t n)
{
    uint8_t *at = mt_arena_alloc(e->arena, n);
    mt_random_fill(e, at, n);
    return mt_span_of(at, n);
}

mt_exchange *mt_exchange_of(const mt_engine *e, uint16_t group)
{
    for (size_t i = 0; i < e->exchanges_len; i++)
        if (mt_exchange_group(e->exchanges[i]) == group)
            return e->exchanges[i];
    return NULL;
}

mt_exchange *mt_exchange_add(mt_engine *e, uint16_t group)
{
    mt_exchange *x = mt_exchange_of(e, group);
    if (x != NULL)
        return x;
    if (e->exchanges_len == MT_EXCHANGES)
        mt_die("more than %d key shares in one connection", MT_EXCHANGES);
    x = mt_exchange_new(group);
    e->exchanges[e->exchanges_len++] = x;
    return x;
}

bool mt_suite_offered(const mt_engine *e, const mt_suite *s)
{
    if (s == NULL || s->version != e->protocol->version)
        return false;
    if (e->c.suites != NULL)
        return mt_u16s_has(zero_terminated(e->c.suites), s->code);
    bool sm2 = s->auth == MT_AUTH_SM2, only = e->c.role == MT_CLIENT && speaks_sm2(e);
    return sm2 ? speaks_sm2(e) : !only;
}

void mt_use_suite(mt_engine *e, uint16_t code)
{
    e->suite = mt_suite_find(code);
    e->info.suite = code;
    mt_transcript_use(e->transcript, e->suite->hash);
}

/* ---- the client's ClientHello ---- */

static mt_u16s suites_to_offer(mt_engine *e)
{
    uint16_t *at = MT_ARENA_ARRAY(e->arena, uint16_t, mt_suite_count);
    size_t n = 0;
    for (size_t i = 0; i < mt_suite_count; i++)
        if (mt_suite_offered(e, &mt_suite_rows[i]))
            at[n++] = mt_suite_rows[i].code;
    return (mt_u16s){at, n};
}

static mt_u16s groups_to_share(const mt_engine *e)
{
    if (e->retry_group != 0)
        return (mt_u16s){&e->retry_group, 1};
    if (e->c.shares != NULL)
        return zero_terminated(e->c.shares);
    return (mt_u16s){our_groups(e).at, 1};
}

void mt_add_shares(mt_engine *e, mt_extension_set *x)
{
    mt_u16s groups = groups_to_share(e);
    mt_key_share *at = MT_ARENA_ARRAY(e->arena, mt_key_share, groups.len + 1);
    for (size_t i = 0; i < groups.len; i++)
        at[i] = (mt_key_share){groups.at[i], mt_exchange_share(mt_exchange_add(e, groups.at[i]))};
    x->shares = (mt_key_shares){at, groups.len};
    mt_extension_add(x, MT_EXT_KEY_SHARE);
}

static void add_names(mt_engine *e, mt_extension_set *x)
{
    if (e->c.sni != NULL) {
        x->server_name = mt_span_text(e->c.sni);
        mt_extension_add(x, MT_EXT_SERVER_NAME);
    }
    if (e->c.alpn != NULL) {
        mt_span *name = MT_ARENA_NEW(e->arena, mt_span);
        *name = mt_span_text(e->c.alpn);
        x->alpn = (mt_spans){name, 1};
        mt_extension_add(x, MT_EXT_ALPN);
    }
}

void mt_add_groups_and_schemes(mt_engine *e, mt_extension_set *x)
{
    x->groups = our_groups(e);
    mt_extension_add(x, MT_EXT_SUPPORTED_GROUPS);
    x->schemes = mt_our_schemes(e);
    mt_extension_add(x, MT_EXT_SIGNATURE_ALGORITHMS);
}

void mt_write_hello(mt_engine *e, mt_msg *m)
{
    static const uint8_t null_compression = 0;
    bool again = e->hello.random.len != 0;
    mt_client_hello *h = &m->as.client_hello;
    h->legacy_version = e->protocol->wire_version;
    h->random = again ? e->hello.random : mt_random_span(e, MT_RANDOM);
    h->session_id = again ? e->hello.session_id : mt_random_span(e, e->protocol->session_id);
    h->suites = suites_to_offer(e);
    h->compression = mt_span_of(&null_compression, 1);
    add_names(e, &h->extensions);
    e->protocol->add_extensions(e, &h->extensions);
    if (e->protocol->offer != NULL)
        e->protocol->offer(e, h);
    e->hello = *h;
}

/* ---- the server's choices ---- */

/* By the fault. 0: as ever. */
static uint16_t version_of_suites(const mt_engine *e, const mt_client_hello *h)
{
    const mt_suite *s = NULL;
    for (size_t i = 0; i < h->suites.len && s == NULL; i++)
        s = mt_suite_find(h->suites.at[i]);
    bool counts = mt_has_fault(e, MT_IGNORE_HELLO_VERSION) && s != NULL && s->version != MT_TLS13;
    return counts ? s->version : 0;
}

static const mt_protocol *choose_protocol(const mt_engine *e, const mt_client_hello *h)
{
    uint16_t by_suites = version_of_suites(e, h);
    for (size_t i = 0; i < mt_protocol_count; i++) {
        const mt_protocol *p = mt_protocols[i];
        bool offered = by_suites != 0 ? by_suites == p->version : p->is_offered(h);
        if ((e->c.version == 0 || e->c.version == p->version) && offered)
            return p;
    }
    return NULL;
}

static bool auth_fits(mt_auth auth, mt_key_kind kind)
{
    bool sm2 = kind == MT_KEY_SM2;
    if (sm2 || auth == MT_AUTH_SM2 || auth == MT_AUTH_ANY)
        return sm2 == (auth == MT_AUTH_SM2);
    return (auth == MT_AUTH_RSA) == (kind == MT_KEY_RSA);
}

static bool curve_is_known(const mt_engine *e, mt_key_kind kind)
{
    static const uint16_t curves[] = {
        [MT_KEY_P256] = MT_SECP256R1, [MT_KEY_P384] = MT_SECP384R1, [MT_KEY_P521] = MT_SECP521R1, [MT_KEY_SM2] = 0,
    };
    mt_u16s groups = e->hello.extensions.groups;
    bool bound = e->protocol->curves_bind && groups.len != 0 && curves[kind] != 0;
    return !bound || mt_u16s_has(groups, curves[kind]);
}

static bool identity_fits(const mt_engine *e, const mt_identity *id, mt_auth auth, const mt_scheme *scheme)
{
    mt_key_kind kind = mt_key_kind_of(id->key);
    bool form = (id->enc_key != NULL) == e->protocol->pairs;
    return form && auth_fits(auth, kind) && curve_is_known(e, kind) && mt_scheme_fits(scheme, id->key, e->protocol->version);
}

/* The client's order of schemes decides between certificates side by side. */
bool mt_choose_identity(mt_engine *e, mt_auth auth)
{
    for (size_t s = 0; s < e->hello.extensions.schemes.len; s++) {
        const mt_scheme *scheme = mt_scheme_find(e->hello.extensions.schemes.at[s]);
        for (size_t i = 0; scheme != NULL && i < e->c.identities_len; i++) {
            const mt_identity *id = &e->c.identities[i];
            if (!identity_fits(e, id, auth, scheme))
                continue;
            e->identity = *id;
            e->scheme = scheme;
            return true;
        }
    }
    return false;
}

void mt_read_first_hello(mt_engine *e, const mt_msg *m)
{
    const mt_client_hello *h = &m->as.client_hello;
    const mt_protocol *p = choose_protocol(e, h);
    if (p == NULL) {
        mt_fail(e, MT_ALERT_PROTOCOL_VERSION, "the client offers no version that we speak");
        return;
    }
    e->hello = *h;
    e->info.version = p->version;
    e->session_id = h->session_id;
    if (h->extensions.server_name.len != 0)
        e->info.sni = mt_arena_copy(e->arena, h->extensions.server_name.at, h->extensions.server_name.len);
    if (p != e->protocol)
        mt_flow_start(e, p);
    p->take_hello(e, h);
}
