// SPDX-License-Identifier: Apache-2.0
#include "pki/extension.h"

#include <openssl/x509v3.h>

enum { PURPOSE_UNKNOWN = 7 };

/* RFC 5280 4.2.1.9 */
static void write_basic_constraints(mt_writer *w, const mt_issue *in)
{
    size_t seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    if (in->recipe->basic == MT_BASIC_CA)
        mt_asn1_bool(w, true);
    if (in->recipe->path_length > 0)
        mt_asn1_int(w, in->recipe->path_length - 1);
    mt_asn1_close(w, seq);
}

static bool has_basic_constraints(const mt_issue *in)
{
    return in->recipe->basic != MT_BASIC_NONE;
}

/* RFC 5280 4.2.1.3 */
static void write_key_usage(mt_writer *w, const mt_issue *in)
{
    mt_asn1_named_bits(w, in->recipe->key_usage & 0x1ff);
}

static bool is_stated(unsigned words)
{
    return words != 0 && (words & 1u << MT_USAGE_NONE) == 0;
}

static bool has_key_usage(const mt_issue *in)
{
    return is_stated(in->recipe->key_usage);
}

/* RFC 5280 4.2.1.12; the last is of the range for documentation (RFC 5612). */
static const char *const purpose_oids[] = {
    "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.4",
    "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9", "2.5.29.37.0",       [PURPOSE_UNKNOWN] = "1.3.6.1.4.1.32473.9",
};

static void write_purposes(mt_writer *w, const mt_issue *in)
{
    size_t seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    for (size_t i = 0; i < MT_COUNT(purpose_oids); i++)
        if (in->recipe->purposes >> i & 1)
            mt_asn1_known_oid(w, purpose_oids[i]);
    mt_asn1_close(w, seq);
}

static bool has_purposes(const mt_issue *in)
{
    return is_stated(in->recipe->purposes);
}

/* RFC 5280 4.2.1.6: GeneralName by its choice */
static const struct {
    const char *word;
    unsigned choice;
} name_forms[] = {{"email:", 1}, {"dns:", 2}, {"uri:", 6}, {"ip:", 7}};
enum { FORM_IP = 3 };

static size_t form_of(const char *text)
{
    size_t i = 0;
    while (i < MT_COUNT(name_forms) && strncmp(text, name_forms[i].word, strlen(name_forms[i].word)) != 0)
        i++;
    return i;
}

static ASN1_OCTET_STRING *address_of(const char *text)
{
    size_t form = form_of(text);
    return form == FORM_IP ? a2i_IPADDRESS(text + strlen(name_forms[form].word)) : NULL;
}

static void write_alt_name(mt_writer *w, const char *text)
{
    size_t form = form_of(text);
    uint8_t tag = (uint8_t)(MT_ASN1_CONTEXT | name_forms[form].choice);
    ASN1_OCTET_STRING *address = address_of(text);
    if (address != NULL)
        mt_asn1_value(w, tag, mt_span_of(ASN1_STRING_get0_data(address), (size_t)ASN1_STRING_length(address)));
    else
        mt_asn1_text(w, tag, text + strlen(name_forms[form].word));
    ASN1_OCTET_STRING_free(address);
}

static void write_alt_names(mt_writer *w, const mt_issue *in)
{
    size_t seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    for (size_t i = 0; i < in->recipe->alt_names.len; i++)
        write_alt_name(w, in->recipe->alt_names.rows[i]);
    mt_asn1_close(w, seq);
}

static bool has_alt_names(const mt_issue *in)
{
    const mt_yaml_texts *names = &in->recipe->alt_names;
    return names->len > 0 && strcmp(names->rows[0], "none") != 0;
}

/* RFC 5280 4.2.1.2 */
static void write_subject_key_id(mt_writer *w, const mt_issue *in)
{
    mt_asn1_value(w, MT_ASN1_OCTET_STRING, in->key_id);
}

static bool has_subject_key_id(const mt_issue *in)
{
    return in->recipe->subject_key_id != MT_KEY_ID_NONE;
}

/* RFC 5280 4.2.1.1; wrong-serial: another issuer and serial number than the issuer's, and no keyIdentifier */
static void write_authority_key_id(mt_writer *w, const mt_issue *in)
{
    static const uint8_t nobody[20] = {0xde, 0xad}, serial[2] = {0x13, 0x37};
    size_t seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    if (in->recipe->authority_key_id == MT_KEY_ID_WRONG_SERIAL) {
        size_t names = mt_asn1_open(w, MT_ASN1_CONSTRUCTED | 1), name = mt_asn1_open(w, MT_ASN1_CONSTRUCTED | 4);
        mt_write_bytes(w, in->issuer);
        mt_asn1_close(w, name);
        mt_asn1_close(w, names);
        mt_asn1_value(w, MT_ASN1_CONTEXT | 2, mt_span_of(serial, sizeof serial));
    } else if (in->recipe->authority_key_id == MT_KEY_ID_WRONG) {
        mt_asn1_value(w, MT_ASN1_CONTEXT | 0, mt_span_of(nobody, sizeof nobody));
    } else {
        mt_asn1_value(w, MT_ASN1_CONTEXT | 0, in->issuer_key_id);
    }
    mt_asn1_close(w, seq);
}

static bool has_authority_key_id(const mt_issue *in)
{
    int stated = in->recipe->authority_key_id;
    return stated != MT_KEY_ID_NONE && (stated != MT_KEY_ID_OWN || in->issuer_key_id.len > 0);
}

static const struct {
    const char *oid;
    bool (*has)(const mt_issue *in);
    void (*write)(mt_writer *w, const mt_issue *in);
} extensions[MT_EXTENSIONS] = {
    [MT_EXT_BASIC_CONSTRAINTS] = {"2.5.29.19", has_basic_constraints, write_basic_constraints},
    [MT_EXT_KEY_USAGE] = {"2.5.29.15", has_key_usage, write_key_usage},
    [MT_EXT_PURPOSES] = {"2.5.29.37", has_purposes, write_purposes},
    [MT_EXT_ALT_NAMES] = {"2.5.29.17", has_alt_names, write_alt_names},
    [MT_EXT_SUBJECT_KEY_ID] = {"2.5.29.14", has_subject_key_id, write_subject_key_id},
    [MT_EXT_AUTHORITY_KEY_ID] = {"2.5.29.35", has_authority_key_id, write_authority_key_id},
};

static void write_known(mt_writer *w, const mt_issue *in, unsigned i)
{
    size_t seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    mt_asn1_known_oid(w, extensions[i].oid);
    if (in->recipe->critical >> i & 1)
        mt_asn1_bool(w, true);
    size_t value = mt_asn1_open(w, MT_ASN1_OCTET_STRING);
    extensions[i].write(w, in);
    mt_asn1_close(w, value);
    mt_asn1_close(w, seq);
}

static const char *oid_of_extra(const char *text, bool *critical)
{
    static const char word[] = "critical ";
    *critical = strncmp(text, word, sizeof word - 1) == 0;
    return *critical ? text + sizeof word - 1 : text;
}

static void write_extra(mt_writer *w, const char *text)
{
    bool critical;
    const char *oid = oid_of_extra(text, &critical);
    size_t seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    mt_asn1_known_oid(w, oid);
    if (critical)
        mt_asn1_bool(w, true);
    size_t value = mt_asn1_open(w, MT_ASN1_OCTET_STRING);
    mt_asn1_null(w);
    mt_asn1_close(w, value);
    mt_asn1_close(w, seq);
}

void mt_extensions_write(mt_writer *w, const mt_issue *in)
{
    size_t tagged = mt_asn1_open(w, MT_ASN1_CONSTRUCTED | 3), list = mt_asn1_open(w, MT_ASN1_SEQUENCE), before = w->len;
    for (unsigned i = 0; i < MT_EXTENSIONS; i++) {
        unsigned times = !extensions[i].has(in) ? 0 : (in->recipe->twice >> i & 1 ? 2 : 1);
        for (unsigned n = 0; n < times; n++)
            write_known(w, in, i);
    }
    for (size_t i = 0; i < in->recipe->extra.len; i++)
        write_extra(w, in->recipe->extra.rows[i]);
    bool empty = w->len == before;
    mt_asn1_close(w, list);
    mt_asn1_close(w, tagged);
    if (empty)
        w->len = tagged - 1;
}

bool mt_extra_is_good(const char *text)
{
    bool critical;
    mt_writer w = {0};
    bool ok = mt_asn1_oid(&w, oid_of_extra(text, &critical));
    mt_writer_free(&w);
    return ok;
}

bool mt_alt_name_is_good(const char *text)
{
    size_t form = form_of(text);
    if (form != FORM_IP)
        return form < MT_COUNT(name_forms) || strcmp(text, "none") == 0;
    ASN1_OCTET_STRING *address = address_of(text);
    bool ok = address != NULL;
    ASN1_OCTET_STRING_free(address);
    return ok;
}
