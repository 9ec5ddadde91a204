// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

enum { RSA_SIGN = 1, ECDSA_SIGN = 64, DSS_SIGN = 2 };

mt_need mt_need_request(const mt_engine *e)
{
    if (e->c.role == MT_CLIENT)
        return MT_MAY;
    bool asks = e->c.request != MT_REQUEST_NONE || mt_has_fault(e, MT_ALWAYS_REQUEST);
    return asks && !mt_has_fault(e, MT_SKIP_REQUEST) ? MT_MUST : MT_ABSENT;
}

/* ---- the server's side ---- */

mt_spans mt_names_to_list(mt_engine *e)
{
    /* CN=mtlspec foreign CA: a name that nobody trusts. */
    static const uint8_t foreign[] = {0x30, 0x1d, 0x31, 0x1b, 0x30, 0x19, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x12, 'm', 't', 'l',
                                      's',  'p',  'e',  'c',  ' ',  'f',  'o',  'r',  'e',  'i',  'g',  'n',  ' ',  'C', 'A'};
    if (mt_has_fault(e, MT_OMIT_CA_NAMES))
        return (mt_spans){0};
    if (!mt_has_fault(e, MT_REQUEST_WRONG_NAMES))
        return (mt_spans){e->c.ca_names, e->c.ca_names_len};
    mt_span *one = MT_ARENA_NEW(e->arena, mt_span);
    *one = mt_span_of(foreign, sizeof foreign);
    return (mt_spans){one, 1};
}

void mt_fill_request13(mt_engine *e, mt_certificate_request *c)
{
    static const uint8_t context[] = {1, 2, 3, 4};
    if (mt_has_fault(e, MT_REQUEST_NONEMPTY_CONTEXT))
        c->context = mt_span_of(context, sizeof context);
    if (!mt_has_fault(e, MT_REQUEST_WITHOUT_SCHEMES))
        mt_extension_add(&c->extensions, MT_EXT_SIGNATURE_ALGORITHMS);
    if (mt_has_fault(e, MT_REQUEST_FORBIDDEN_EXTENSION))
        mt_extension_add(&c->extensions, MT_EXT_SERVER_NAME);
    c->extensions.schemes = mt_our_schemes(e);
    c->extensions.names = mt_names_to_list(e);
    if (c->extensions.names.len != 0)
        mt_extension_add(&c->extensions, MT_EXT_CERTIFICATE_AUTHORITIES);
}

void mt_fill_request12(mt_engine *e, mt_certificate_request *c)
{
    static const uint8_t types[] = {ECDSA_SIGN, RSA_SIGN}, wrong[] = {DSS_SIGN};
    c->types = mt_span_of(types, sizeof types);
    if (mt_has_fault(e, MT_REQUEST_CONTRADICTING_TYPES))
        c->types = mt_span_of(wrong, sizeof wrong);
    if (!mt_has_fault(e, MT_REQUEST_WITHOUT_SCHEMES))
        c->schemes = mt_our_schemes(e);
    c->names = mt_names_to_list(e);
}

void mt_write_request_row(mt_engine *e, mt_msg *m)
{
    e->protocol->fill_request(e, &m->as.certificate_request);
    e->info.requested = true;
}

/* ---- the client's side: what is odd is noted, not refused; a case asks for it ---- */

static bool has_type(mt_span types, uint8_t type)
{
    return types.len != 0 && memchr(types.at, type, types.len) != NULL;
}

/* RFC 5246 7.4.4: each scheme must be one that a listed certificate type can sign with. */
static const char *odd_types(const mt_certificate_request *c)
{
    for (size_t i = 0; i < c->schemes.len; i++) {
        const mt_scheme *s = mt_scheme_find(c->schemes.at[i]);
        if (s != NULL && has_type(c->types, s->kind == MT_KEY_RSA ? RSA_SIGN : ECDSA_SIGN))
            return NULL;
    }
    return "certificate_types lists nothing that a listed scheme can sign with (RFC 5246 7.4.4)";
}

const char *mt_odd_request12(const mt_certificate_request *c)
{
    if (c->types.len == 0)
        return "certificate_types is empty (RFC 5246 7.4.4)";
    if (c->schemes.len == 0)
        return "supported_signature_algorithms is empty (RFC 5246 7.4.4)";
    return odd_types(c);
}

const char *mt_odd_request13(const mt_certificate_request *c)
{
    const mt_extension_set *x = &c->extensions;
    if (c->context.len != 0)
        return "certificate_request_context is not empty in the handshake (RFC 8446 4.3.2)";
    if (!mt_extension_has(x, MT_EXT_SIGNATURE_ALGORITHMS))
        return "signature_algorithms is missing (RFC 8446 4.3.2)";
    if (x->schemes.len == 0)
        return "signature_algorithms is empty (RFC 8446 4.2.3)";
    if (mt_extension_has(x, MT_EXT_CERTIFICATE_AUTHORITIES) && x->names.len == 0)
        return "certificate_authorities is empty (RFC 8446 4.2.4)";
    if (mt_extension_forbidden(x, MT_IN_CERTIFICATE_REQUEST) >= 0)
        return "an extension that may not stand in CertificateRequest (RFC 8446 4.2)";
    return NULL;
}

void mt_read_request_row(mt_engine *e, const mt_msg *m)
{
    const mt_certificate_request *c = &m->as.certificate_request;
    mt_engine_info *i = &e->info;
    i->requested = true;
    e->peer_schemes = c->schemes;
    i->request_schemes = e->peer_schemes.at;
    i->request_schemes_len = e->peer_schemes.len;
    i->request_types = c->types.at;
    i->request_types_len = c->types.len;
    i->request_names = c->names.at;
    i->request_names_len = c->names.len;
    i->request_oddity = e->protocol->odd_request(c);
}
