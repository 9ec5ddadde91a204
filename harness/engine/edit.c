// SPDX-License-Identifier: Apache-2.0
#include "engine/way.h"

#include "wire/codes.h"

#include <ctype.h>
#include <stdlib.h>

enum { WORDS_MAX = 8, NAME_MAX_LEN = 64, NTH_MAX = 99, NUMBER_MAX = 0xffffff, WAYS_MAX = 64 };

const mt_verb_row mt_edit_verbs[] = {
    {"drop", MT_EDIT_DROP, "", "leaves the message out"},
    {"repeat", MT_EDIT_REPEAT, "N", "sends the message N more times"},
    {"swap", MT_EDIT_SWAP, "MESSAGE", "changes places with MESSAGE"},
    {"insert", MT_EDIT_INSERT, "after MESSAGE | before MESSAGE", "sends the message where the flow has none"},
    {"set", MT_EDIT_SET, "HEX | WORD | empty", "replaces the content by these bytes, by the code of this word, or by nothing"},
    {"xor", MT_EDIT_XOR, "HEX at N", "flips bits of the content, from its byte N on (from 0)"},
    {"truncate", MT_EDIT_TRUNCATE, "N", "takes the last N bytes away; lengths around it follow"},
    {"append", MT_EDIT_APPEND, "HEX", "puts bytes behind the content; lengths around it follow"},
    {"length", MT_EDIT_LENGTH, "N | 0xN | +N | -N", "writes this length (or so much more or less) in front of the same content"},
    {"replace-with", MT_EDIT_REPLACE_WITH, "STEP.MESSAGE", "sends the bytes of a message that an earlier step of the run sent"},
    {"sign-with", MT_EDIT_SIGN_WITH, "RECIPE", "signs with the private key of another credential"},
    {"scheme", MT_EDIT_SCHEME, "SCHEME", "signs by this scheme and says so"},
    {"transcript", MT_EDIT_TRANSCRIPT, "honest | without MESSAGE", "what is signed or hashed: the unedited bytes, or all but one message"},
    {"context", MT_EDIT_CONTEXT, "server | client", "signs under the context string of that side (TLS 1.3)"},
    {"fragment", MT_EDIT_FRAGMENT, "N", "sends the message in records of N bytes"},
    {"coalesce", MT_EDIT_COALESCE, "MESSAGE", "sends the message and MESSAGE, which follows it, in one record"},
    {"sign-as", MT_EDIT_SIGN_AS, "WAY", "makes a signature of an SM2 key in another way than the protocol's"},
    {"exchange-as", MT_EDIT_EXCHANGE_AS, "WAY", "makes a key exchange of TLCP in another way than the protocol's"},
    {"hash", MT_EDIT_HASH, "HASH", "computes Finished with this hash"},
};
const size_t mt_edit_verb_count = MT_COUNT(mt_edit_verbs);

typedef enum scope { A_MESSAGE, ANY_PLACE, A_SIGNATURE, A_VERIFY, A_KEY_EXCHANGE, A_FINISHED, SCOPES } scope;

/* Verbs that only some messages know. */
static const struct {
    const char *phrase, *messages[2];
} scopes[SCOPES] = {
    [A_SIGNATURE] = {"messages that carry a signature", {"certificate_verify", "server_key_exchange"}},
    [A_VERIFY] = {"certificate_verify", {"certificate_verify"}},
    [A_KEY_EXCHANGE] = {"client_key_exchange", {"client_key_exchange"}},
    [A_FINISHED] = {"finished", {"finished"}},
};

typedef struct word {
    const char *text;
    int offset; /* of its first character in the edit */
} word;

typedef struct parsing {
    mt_place place;
    mt_arena *arena;
    mt_diag *d;
    word words[WORDS_MAX];
    size_t len, next;
    const mt_verb_row *row;
    mt_edit *out;
} parsing;

/* Words that a diagnostic proposes. */
typedef struct names {
    const char *const *at;
    size_t len;
} names;

/* ---- messages ---- */

/* Where word `i` stands; behind the end, the last one. */
static mt_place place_of(const parsing *p, size_t i)
{
    mt_place place = p->place;
    if (place.column > 0 && p->len > 0)
        place.column += p->words[i < p->len ? i : p->len - 1].offset;
    return place;
}

/* complain_unknown reports the word before `next`, with the nearest known one. */
static bool complain_unknown(parsing *p, const char *wrong, const char *what, names known)
{
    const char *near = mt_nearest(wrong, known.at, known.len);
    mt_diag_add(p->d, place_of(p, p->next - 1), "unknown %s '%s'%s%s%s", what, wrong, near ? "; did you mean '" : "", near ? near : "",
        near ? "'?" : "");
    return false;
}

static bool complain_wants(parsing *p)
{
    mt_diag_add(p->d, place_of(p, p->next ? p->next - 1 : 0), "'%s' wants: %s %s", p->row->name, p->row->name,
        *p->row->arguments ? p->row->arguments : "(nothing behind it)");
    return false;
}

static const char *take(parsing *p)
{
    p->next++;
    return p->next <= p->len ? p->words[p->next - 1].text : NULL;
}

/* take_word takes the next word if it is `text`. */
static bool take_word(parsing *p, const char *text)
{
    bool same = p->next < p->len && strcmp(p->words[p->next].text, text) == 0;
    p->next += same;
    return same;
}

/* ---- kinds of arguments ---- */

static bool find_message(const char *name)
{
    if (strcmp(name, "change_cipher_spec") == 0)
        return true;
    for (size_t i = 0; i < mt_messages.len; i++)
        if (strcmp(mt_messages.rows[i].name, name) == 0)
            return true;
    return false;
}

static bool check_message(parsing *p, const char *name)
{
    if (find_message(name))
        return true;
    const char **known = MT_ARENA_ARRAY(p->arena, const char *, mt_messages.len + 1);
    known[0] = "change_cipher_spec";
    for (size_t i = 0; i < mt_messages.len; i++)
        known[i + 1] = mt_messages.rows[i].name;
    return complain_unknown(p, name, "message", (names){known, mt_messages.len + 1});
}

/* An other message of the same flight; `server.` in front only where a verb reads. */
static bool take_message(parsing *p, bool reads)
{
    const char *name = take(p);
    if (name == NULL)
        return complain_wants(p);
    p->out->other = name;
    bool of_server = strncmp(name, "server.", 7) == 0;
    if (of_server && !reads) {
        mt_diag_add(p->d, place_of(p, p->next - 1), "'%s' changes messages that we send; '%s' is the other side's", p->row->name, name);
        return false;
    }
    return check_message(p, of_server ? name + 7 : name);
}

static bool read_number(const char *text, size_t *value)
{
    bool hex = strncmp(text, "0x", 2) == 0;
    const char *digits = hex ? text + 2 : text;
    if (!isxdigit((unsigned char)*digits))
        return false;
    char *end = NULL;
    unsigned long n = strtoul(digits, &end, hex ? 16 : 10);
    *value = n;
    return *end == 0 && end != digits && n <= NUMBER_MAX;
}

static bool take_number(parsing *p, size_t least)
{
    const char *text = take(p);
    if (text == NULL || !read_number(text, &p->out->number) || p->out->number < least)
        return complain_wants(p);
    return true;
}

static bool keep_hex(parsing *p, const char *text)
{
    mt_writer bytes = {0};
    bool ok = mt_write_from_hex(&bytes, strncmp(text, "0x", 2) == 0 ? text + 2 : text) && bytes.len > 0;
    if (ok)
        p->out->bytes = mt_span_of(mt_arena_copy(p->arena, bytes.at, bytes.len), bytes.len);
    mt_writer_free(&bytes);
    return ok;
}

static bool take_hex(parsing *p)
{
    const char *text = take(p);
    return text != NULL && keep_hex(p, text) ? true : complain_wants(p);
}

static bool complain_code(parsing *p, const char *text, const mt_codes *codes)
{
    const char **known = MT_ARENA_ARRAY(p->arena, const char *, codes->len);
    for (size_t i = 0; i < codes->len; i++)
        known[i] = codes->rows[i].name;
    return complain_unknown(p, text, codes->what, (names){known, codes->len});
}

/* The last part of a field path, without its [n]. */
static const char *last_part(parsing *p)
{
    const char *field = p->out->field ? p->out->field : "";
    const char *dot = strrchr(field, '.');
    char *part = mt_arena_strdup(p->arena, dot ? dot + 1 : field);
    part[strcspn(part, "[")] = 0;
    return part;
}

/* ---- arguments, one function a verb ---- */

static bool read_nothing(parsing *p)
{
    (void)p;
    return true;
}

static bool read_count(parsing *p)
{
    return take_number(p, 1);
}

static bool read_other(parsing *p)
{
    return take_message(p, false);
}

static bool read_insert(parsing *p)
{
    p->out->before = take_word(p, "before");
    if (!p->out->before && !take_word(p, "after")) {
        p->next++;
        return complain_wants(p);
    }
    return take_message(p, false);
}

/* A field that has words takes them; all other fields take bytes. */
static bool read_set(parsing *p)
{
    const char *text = take(p);
    const mt_codes *codes = mt_field_codes(last_part(p));
    if (text == NULL)
        return complain_wants(p);
    if (strcmp(text, "empty") == 0)
        return true;
    if (codes == NULL || isdigit((unsigned char)*text))
        return keep_hex(p, text) ? true : complain_wants(p);
    unsigned code = 0;
    if (!mt_code_find(codes, text, &code))
        return complain_code(p, text, codes);
    bool one_byte = codes == &mt_alerts || codes == &mt_messages || codes == &mt_record_types || codes == &mt_certificate_types;
    mt_writer bytes = {0};
    mt_write_uint(&bytes, code, one_byte ? 1 : 2);
    p->out->bytes = mt_span_of(mt_arena_copy(p->arena, bytes.at, bytes.len), bytes.len);
    mt_writer_free(&bytes);
    return true;
}

static bool read_xor(parsing *p)
{
    if (!take_hex(p))
        return false;
    return take_word(p, "at") ? take_number(p, 0) : complain_wants(p);
}

static bool read_length(parsing *p)
{
    const char *text = p->next < p->len ? p->words[p->next].text : "";
    p->out->relative = *text == '+' ? 1 : *text == '-' ? -1 : 0;
    if (p->out->relative != 0)
        p->words[p->next].text++;
    return take_number(p, p->out->relative != 0);
}

static bool read_replace_with(parsing *p)
{
    const char *text = take(p);
    const char *dot = text ? strchr(text, '.') : NULL;
    if (dot == NULL || dot == text)
        return complain_wants(p);
    p->out->other = text;
    return check_message(p, dot + 1);
}

static bool read_sign_with(parsing *p)
{
    p->out->other = take(p);
    return p->out->other != NULL || complain_wants(p);
}

static bool read_scheme(parsing *p)
{
    const char *text = take(p);
    unsigned code = 0;
    if (text == NULL)
        return complain_wants(p);
    if (!mt_code_find(&mt_schemes, text, &code) || code > UINT16_MAX)
        return complain_code(p, text, &mt_schemes);
    p->out->scheme = (uint16_t)code;
    return true;
}

static bool read_transcript(parsing *p)
{
    if (take_word(p, "honest"))
        return true;
    if (take_word(p, "without"))
        return take_message(p, true);
    p->next++;
    return complain_wants(p);
}

static bool read_context(parsing *p)
{
    p->out->other = take(p);
    if (p->out->other == NULL)
        return complain_wants(p);
    bool known = strcmp(p->out->other, "server") == 0 || strcmp(p->out->other, "client") == 0;
    return known || complain_wants(p);
}

/* One of the ways of a verb, by its word. */
static bool read_way(parsing *p)
{
    const char *text = take(p), *known[WAYS_MAX];
    size_t n = 0;
    for (const mt_way *way = mt_way_of(p->row->verb, 0); way != NULL && n < WAYS_MAX; way = mt_way_of(p->row->verb, n)) {
        known[n] = way->name;
        if (text != NULL && strcmp(text, way->name) == 0) {
            p->out->number = n;
            return true;
        }
        n++;
    }
    return text == NULL ? complain_wants(p) : complain_unknown(p, text, p->row->verb == MT_EDIT_HASH ? "hash" : "way", (names){known, n});
}

static const struct {
    bool (*read)(parsing *p);
    scope scope;
} grammar[] = {
    [MT_EDIT_DROP] = {read_nothing, A_MESSAGE},
    [MT_EDIT_REPEAT] = {read_count, A_MESSAGE},
    [MT_EDIT_SWAP] = {read_other, A_MESSAGE},
    [MT_EDIT_INSERT] = {read_insert, A_MESSAGE},
    [MT_EDIT_SET] = {read_set, ANY_PLACE},
    [MT_EDIT_XOR] = {read_xor, ANY_PLACE},
    [MT_EDIT_TRUNCATE] = {read_count, ANY_PLACE},
    [MT_EDIT_APPEND] = {take_hex, ANY_PLACE},
    [MT_EDIT_LENGTH] = {read_length, ANY_PLACE},
    [MT_EDIT_REPLACE_WITH] = {read_replace_with, A_MESSAGE},
    [MT_EDIT_SIGN_WITH] = {read_sign_with, A_SIGNATURE},
    [MT_EDIT_SCHEME] = {read_scheme, A_SIGNATURE},
    [MT_EDIT_TRANSCRIPT] = {read_transcript, A_MESSAGE},
    [MT_EDIT_CONTEXT] = {read_context, A_SIGNATURE},
    [MT_EDIT_FRAGMENT] = {read_count, A_MESSAGE},
    [MT_EDIT_COALESCE] = {read_other, A_MESSAGE},
    [MT_EDIT_SIGN_AS] = {read_way, A_VERIFY},
    [MT_EDIT_EXCHANGE_AS] = {read_way, A_KEY_EXCHANGE},
    [MT_EDIT_HASH] = {read_way, A_FINISHED},
};

/* ---- the place ---- */

/* Fields of the messages that a client sends once it is asked for a certificate. Those of other messages are checked when the
 * message is there. */
static const struct {
    const char *message;
    names fields;
} known_fields[] = {
    {"certificate", {(const char *const[]){"context", "list", "data", "extensions"}, 4}},
    {"certificate_verify", {(const char *const[]){"scheme", "signature"}, 2}},
    {"client_key_exchange",
     {(const char *const[]){"curve_type", "group", "point", "ciphertext", "sequence", "x", "y", "hash", "text"}, 9}},
    {"finished", {(const char *const[]){"verify_data"}, 1}},
};

static bool check_part(parsing *p, char *part, names known)
{
    part[strcspn(part, "[")] = 0;
    for (size_t i = 0; i < known.len; i++)
        if (strcmp(known.at[i], part) == 0)
            return true;
    return complain_unknown(p, part, "field", known);
}

static bool check_field(parsing *p, names known)
{
    char *rest = mt_arena_strdup(p->arena, p->out->field);
    bool ok = true;
    while (ok && rest != NULL) {
        char *dot = strchr(rest, '.');
        if (dot != NULL)
            *dot = 0;
        ok = check_part(p, rest, known);
        rest = dot ? dot + 1 : NULL;
    }
    return ok;
}

static bool check_fields(parsing *p)
{
    for (size_t i = 0; i < MT_COUNT(known_fields); i++)
        if (p->out->field != NULL && strcmp(known_fields[i].message, p->out->message) == 0)
            return check_field(p, known_fields[i].fields);
    return true;
}

/* split_place reads "name", "name@n", "name.field", "name@n.field". */
static bool split_place(parsing *p, const char *place)
{
    char *name = mt_arena_strdup(p->arena, place);
    size_t end = strcspn(name, "@.");
    const char *rest = name + end;
    p->out->nth = 1;
    if (*rest == '@') {
        char *after = NULL;
        unsigned long nth = strtoul(rest + 1, &after, 10);
        if (after == rest + 1 || nth < 1 || nth > NTH_MAX || (*after != 0 && *after != '.')) {
            mt_diag_add(p->d, place_of(p, 0), "'%s': behind @ stands a number from 1", place);
            return false;
        }
        p->out->nth = (unsigned)nth;
        rest = after;
    }
    if (*rest == '.')
        p->out->field = rest + 1;
    name[end] = 0;
    p->out->message = name;
    return check_message(p, name) && check_fields(p);
}

static bool is_in_scope(scope wanted, const char *message)
{
    bool found = scopes[wanted].phrase == NULL;
    for (size_t i = 0; i < MT_COUNT(scopes[wanted].messages) && scopes[wanted].messages[i] != NULL; i++)
        found = found || strcmp(scopes[wanted].messages[i], message) == 0;
    return found;
}

static bool fits_scope(parsing *p)
{
    scope wanted = grammar[p->row->verb].scope;
    bool of_field = p->out->field != NULL && wanted != ANY_PLACE;
    if (of_field)
        mt_diag_add(p->d, place_of(p, 1), "'%s' is for a whole message, not for a field of it", p->row->name);
    else if (!is_in_scope(wanted, p->out->message))
        mt_diag_add(p->d, place_of(p, 1), "'%s' is for %s, and not for %s", p->row->name, scopes[wanted].phrase, p->out->message);
    else
        return true;
    return false;
}

/* ---- the whole ---- */

static void split_words(parsing *p, const char *text)
{
    char *copy = mt_arena_strdup(p->arena, text);
    for (char *at = copy; *at != 0 && p->len < WORDS_MAX;) {
        at += strspn(at, " ");
        size_t n = strcspn(at, " ");
        if (n > 0)
            p->words[p->len++] = (word){at, (int)(at - copy)};
        at += n;
        if (*at != 0)
            *at++ = 0;
    }
}

static bool find_verb(parsing *p)
{
    const char *text = take(p);
    const char **known = MT_ARENA_ARRAY(p->arena, const char *, mt_edit_verb_count);
    for (size_t i = 0; i < mt_edit_verb_count; i++) {
        known[i] = mt_edit_verbs[i].name;
        if (text != NULL && strcmp(text, known[i]) == 0)
            p->row = &mt_edit_verbs[i];
    }
    if (p->row != NULL)
        return true;
    if (text != NULL)
        return complain_unknown(p, text, "verb", (names){known, mt_edit_verb_count});
    mt_diag_add(p->d, p->place, "an edit is PLACE VERB ARGUMENTS, as in: certificate_verify.signature xor 01 at 0");
    return false;
}

bool mt_edit_parse(const char *text, mt_place place, mt_arena *arena, mt_edit *out, mt_diag *d)
{
    *out = (mt_edit){.text = mt_arena_strdup(arena, text)};
    parsing p = {.place = place, .arena = arena, .d = d, .out = out};
    split_words(&p, text);
    const char *first = take(&p);
    if (!find_verb(&p))
        return false;
    out->verb = p.row->verb;
    size_t behind_verb = p.next;
    p.next = 1;
    if (!split_place(&p, first) || !fits_scope(&p))
        return false;
    p.next = behind_verb;
    if (!grammar[out->verb].read(&p))
        return false;
    if (p.next >= p.len)
        return true;
    p.next++;
    return complain_wants(&p);
}
