// SPDX-License-Identifier: Apache-2.0
#include "msg/msg.h"

/* The forms that only TLCP has (GB/T 38636-2020 6.4.5): it knows no SignatureAndHashAlgorithm, and its key exchange is either
 * SM2 encryption to the server's encryption certificate or the SM2 key exchange with a point in the clear. */
enum { NAMED_CURVE = 3 };

void mt_write_tlcp_certificate_request(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    mt_write_vec(w, 1, m->as.certificate_request.types);
    mt_mark names = mt_open_vec(w, 2);
    mt_spans_write(w, 2, m->as.certificate_request.names);
    mt_close_vec(w, names);
}

void mt_read_tlcp_certificate_request(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    out->as.certificate_request.types = mt_read_vec(r, "types", 1).rest;
    mt_reader names = mt_read_vec(r, "authorities", 2);
    out->as.certificate_request.names = mt_spans_read(&names, "name", 2, f->arena);
}

void mt_write_tlcp_certificate_verify(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    mt_write_vec(w, 2, m->as.certificate_verify.signature);
}

void mt_read_tlcp_certificate_verify(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)f;
    out->as.certificate_verify.signature = mt_read_vec(r, "signature", 2).rest;
}

static bool starts_with_curve(mt_span bytes)
{
    return bytes.len != 0 && bytes.at[0] == NAMED_CURVE;
}

static void write_params(mt_writer *w, const mt_server_key_exchange *k)
{
    mt_write_uint(w, NAMED_CURVE, 1);
    mt_write_uint(w, k->group, 2);
    mt_write_vec(w, 1, k->point);
}

static void read_params(mt_reader *r, mt_server_key_exchange *k)
{
    mt_span whole = r->rest;
    k->curve_type = (uint8_t)mt_read_uint(r, "curve_type", 1);
    k->group = (uint16_t)mt_read_uint(r, "group", 2);
    k->point = mt_read_vec(r, "point", 1).rest;
    k->params = mt_span_first(whole, whole.len - r->rest.len);
}

/* With a point (ECDHE) or without (ECC): the length of a signature never begins with the byte 3. */
void mt_write_tlcp_server_key_exchange(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    const mt_server_key_exchange *k = &m->as.server_key_exchange;
    if (k->point.len != 0)
        write_params(w, k);
    mt_write_vec(w, 2, k->signature);
}

void mt_read_tlcp_server_key_exchange(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)f;
    mt_server_key_exchange *k = &out->as.server_key_exchange;
    if (starts_with_curve(r->rest))
        read_params(r, k);
    k->signature = mt_read_vec(r, "signature", 2).rest;
}

void mt_write_tlcp_client_key_exchange(const mt_msg *m, const mt_msg_form *f, mt_writer *w)
{
    (void)f;
    const mt_tlcp_key_exchange *k = &m->as.tlcp_key_exchange;
    if (k->point.len != 0)
        write_params(w, &(mt_server_key_exchange){.group = k->group, .point = k->point});
    else
        mt_write_vec(w, 2, k->ciphertext);
}

static void read_point(mt_reader *r, mt_tlcp_key_exchange *k)
{
    mt_server_key_exchange params = {0};
    read_params(r, &params);
    k->group = params.group;
    k->point = params.point;
}

enum { DER_INTEGER = 0x02, DER_OCTETS = 0x04, DER_SEQUENCE = 0x30, DER_ONE_BYTE = 0x81 };

/* Tags and the mark of a long length are no fields: an edit of them is one of the bytes around. */
static mt_reader open_element(mt_reader *r, const char *name, unsigned tag)
{
    if (r->rest.len == 0 || r->rest.at[0] != tag)
        mt_parse_fail(r->parse, "%s has another tag than %02x", name, tag);
    r->rest = mt_span_skip(r->rest, 1);
    if (r->rest.len != 0 && r->rest.at[0] == DER_ONE_BYTE)
        r->rest = mt_span_skip(r->rest, 1);
    return mt_read_vec(r, name, 1);
}

/* SEQUENCE { INTEGER x, INTEGER y, OCTET STRING hash, OCTET STRING text } (GM/T 0009 7.2), as long as lengths take one byte. */
static void read_parts(mt_reader *r)
{
    static const struct {
        const char *name;
        unsigned tag;
    } parts[] = {{"x", DER_INTEGER}, {"y", DER_INTEGER}, {"hash", DER_OCTETS}, {"text", DER_OCTETS}};
    mt_reader sequence = open_element(r, "sequence", DER_SEQUENCE);
    for (size_t i = 0; i < MT_COUNT(parts); i++)
        open_element(&sequence, parts[i].name, parts[i].tag);
    mt_read_finish(&sequence);
    mt_read_finish(r);
}

/* The ciphertext is the receiver's to judge: here its parts get names where it has the form, and it is bytes otherwise. */
static void name_parts(mt_reader ciphertext)
{
    mt_parse trial;
    mt_reader all = mt_parse_start(&trial, ciphertext.rest, false);
    read_parts(&all);
    bool fits = mt_read_end(&all);
    mt_parse_free(&trial);
    if (fits)
        read_parts(&ciphertext);
}

/* The standard's text allows a point with a length of two bytes around it; both readings are in use. */
void mt_read_tlcp_client_key_exchange(mt_reader *r, const mt_msg_form *f, mt_msg *out)
{
    (void)f;
    mt_tlcp_key_exchange *k = &out->as.tlcp_key_exchange;
    if (starts_with_curve(r->rest)) {
        read_point(r, k);
        return;
    }
    mt_reader inner = mt_read_vec(r, "ciphertext", 2);
    if (starts_with_curve(inner.rest)) {
        read_point(&inner, k);
        mt_read_finish(&inner);
    } else {
        k->ciphertext = inner.rest;
        name_parts(inner);
    }
}
