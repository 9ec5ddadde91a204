// SPDX-License-Identifier: Apache-2.0
#include "pki/name.h"

#include "pki/asn1.h"

#include <ctype.h>

static const struct {
    const char *word, *oid;
    uint8_t tag;
} attributes[] = {
    {"CN", "2.5.4.3", MT_ASN1_UTF8},
    {"O", "2.5.4.10", MT_ASN1_UTF8},
    {"OU", "2.5.4.11", MT_ASN1_UTF8},
    {"C", "2.5.4.6", MT_ASN1_PRINTABLE},
    {"L", "2.5.4.7", MT_ASN1_UTF8},
    {"ST", "2.5.4.8", MT_ASN1_UTF8},
    {"DC", "0.9.2342.19200300.100.1.25", MT_ASN1_IA5},
    {"emailAddress", "1.2.840.113549.1.9.1", MT_ASN1_IA5},
};

static size_t attribute_of(const char *text)
{
    size_t i = 0;
    for (; i < MT_COUNT(attributes); i++) {
        size_t n = strlen(attributes[i].word);
        if (strncmp(text, attributes[i].word, n) == 0 && text[n] == '=')
            break;
    }
    return i;
}

static void write_text(mt_writer *w, const char *text, const char *algorithm)
{
    static const char place[] = "{algorithm}";
    const char *hole = strstr(text, place);
    mt_write_bytes(w, hole ? mt_span_of(text, (size_t)(hole - text)) : mt_span_text(text));
    if (hole == NULL)
        return;
    mt_write_bytes(w, mt_span_text(algorithm));
    mt_write_bytes(w, mt_span_text(hole + sizeof place - 1));
}

static void write_attribute(mt_writer *w, const char *text, const char *algorithm)
{
    size_t i = attribute_of(text);
    size_t set = mt_asn1_open(w, MT_ASN1_SET), seq = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    mt_asn1_known_oid(w, attributes[i].oid);
    size_t value = mt_asn1_open(w, attributes[i].tag);
    write_text(w, text + strlen(attributes[i].word) + 1, algorithm);
    mt_asn1_close(w, value);
    mt_asn1_close(w, seq);
    mt_asn1_close(w, set);
}

const char *mt_name_write(mt_writer *w, mt_name_texts texts, const char *algorithm)
{
    for (size_t i = 0; i < texts.len; i++)
        if (attribute_of(texts.at[i]) == MT_COUNT(attributes))
            return texts.at[i];
    size_t name = mt_asn1_open(w, MT_ASN1_SEQUENCE);
    for (size_t i = 0; i < texts.len; i++)
        write_attribute(w, texts.at[i], algorithm);
    mt_asn1_close(w, name);
    return NULL;
}

static void show_value(mt_writer *w, mt_span text)
{
    for (size_t i = 0; i < text.len; i++)
        mt_writef(w, "%c", text.at[i] < 128 && isprint(text.at[i]) ? text.at[i] : '?');
}

/* Row of an attribute's OID, or the count of rows. */
static size_t row_of(mt_span oid)
{
    mt_writer w = {0};
    size_t i = 0;
    for (; i < MT_COUNT(attributes); i++) {
        mt_writer_clear(&w);
        mt_asn1_known_oid(&w, attributes[i].oid);
        if (mt_span_equal(mt_written(&w), oid))
            break;
    }
    mt_writer_free(&w);
    return i;
}

static void show_all(mt_writer *w, mt_span rdns, bool only_cn)
{
    size_t before = w->len;
    for (mt_tlv rdn = mt_asn1_first(rdns); rdn.whole.at != NULL; rdn = mt_asn1_next(rdns, rdn)) {
        mt_span pair = mt_asn1_first(rdn.content).content;
        mt_tlv oid = mt_asn1_first(pair), value = mt_asn1_next(pair, oid);
        size_t row = row_of(oid.whole);
        if (only_cn && row != 0)
            continue;
        if (only_cn)
            w->len = before;
        mt_writef(w, "%s%s=", w->len > before ? ", " : "", row < MT_COUNT(attributes) ? attributes[row].word : "?");
        show_value(w, value.content);
    }
}

void mt_name_show(mt_writer *w, mt_span der)
{
    size_t before = w->len;
    mt_span rdns = mt_asn1_first(der).content;
    show_all(w, rdns, true);
    if (w->len == before)
        show_all(w, rdns, false);
    if (w->len == before)
        mt_writef(w, "(no name)");
}
