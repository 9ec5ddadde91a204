// SPDX-License-Identifier: Apache-2.0
#include "attempt/classify.h"

#include <ctype.h>
#include <stdlib.h>

typedef enum answer_class { ANSWER_SERVED, ANSWER_REFUSED, ANSWER_UNDECIDED, ANSWER_UNCLEAR } answer_class;

typedef struct status_row {
    int from, to;
    answer_class class;
} status_row;

/* What a status says when the user gave no rule; the first row that fits counts. */
static const status_row statuses[] = {
    {200, 299, ANSWER_SERVED},
    {400, 401, ANSWER_REFUSED}, {403, 403, ANSWER_REFUSED},
    {495, 496, ANSWER_REFUSED}, /* nginx's own: certificate error, certificate required */
    {408, 408, ANSWER_UNDECIDED}, {421, 421, ANSWER_UNDECIDED}, {425, 425, ANSWER_UNDECIDED}, {429, 429, ANSWER_UNDECIDED},
    {500, 599, ANSWER_UNDECIDED},
};

static answer_class class_of(int status)
{
    for (size_t i = 0; i < MT_COUNT(statuses); i++) {
        if (status >= statuses[i].from && status <= statuses[i].to)
            return statuses[i].class;
    }
    return ANSWER_UNCLEAR;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool contains(mt_span in, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= in.len; i++) {
        if (memcmp(in.at + i, text, n) == 0)
            return true;
    }
    return false;
}

static bool rule_fits(const mt_http_response *r, const mt_granted *g)
{
    bool ok = g->statuses_len == 0;
    for (size_t i = 0; i < g->statuses_len; i++)
        ok = ok || g->statuses[i] == r->status;
    if (g->header != NULL) {
        const char *value = mt_http_find(r, g->header);
        ok = ok && value != NULL && (g->value == NULL || strcmp(value, g->value) == 0);
    }
    return ok && (g->marker == NULL || contains(r->body, g->marker));
}

static answer_class judge_answer(const mt_http_response *r, const mt_granted *g, const mt_answer *control)
{
    answer_class class = class_of(r->status);
    if (g->given)
        return rule_fits(r, g) ? ANSWER_SERVED : class == ANSWER_UNDECIDED ? class : ANSWER_REFUSED;
    if (class != ANSWER_UNCLEAR)
        return class;
    bool same = control->status == r->status && same_text(control->location, mt_http_find(r, "Location"));
    return same ? ANSWER_SERVED : ANSWER_UNDECIDED;
}

/* The value behind "verified": in a JSON object; nothing else of the body is looked at. */
static mt_echo echo_in_body(mt_span body)
{
    static const char key[] = "\"verified\"";
    size_t n = sizeof key - 1;
    for (size_t i = 0; i + n < body.len; i++) {
        if (memcmp(body.at + i, key, n) != 0)
            continue;
        mt_span rest = mt_span_skip(body, i + n);
        while (rest.len != 0 && (isspace(rest.at[0]) || rest.at[0] == ':'))
            rest = mt_span_skip(rest, 1);
        if (mt_span_equal(mt_span_first(rest, 4), mt_span_text("true")))
            return MT_ECHO_VERIFIED;
        if (mt_span_equal(mt_span_first(rest, 5), mt_span_text("false")))
            return MT_ECHO_UNVERIFIED;
    }
    return MT_ECHO_NONE;
}

static bool is_json(const mt_http_response *r)
{
    const char *type = mt_http_find(r, "Content-Type");
    return type != NULL && strstr(type, "json") != NULL;
}

mt_echo mt_echo_of(const mt_http_response *r)
{
    const char *verify = mt_http_find(r, "X-Client-Verify");
    if (verify != NULL && verify[0] != 0)
        return strcmp(verify, "SUCCESS") == 0 || strcmp(verify, "true") == 0 ? MT_ECHO_VERIFIED : MT_ECHO_UNVERIFIED;
    return is_json(r) ? echo_in_body(r->body) : MT_ECHO_NONE;
}

bool mt_answered(const mt_http_response *r, const mt_granted *g)
{
    if (r->fault != NULL || r->complete)
        return true;
    if (!r->has_head)
        return false;
    answer_class class = class_of(r->status);
    if (!g->given && class != ANSWER_SERVED)
        return true;
    bool wants_body = g->marker != NULL || (is_json(r) && mt_http_find(r, "X-Client-Verify") == NULL);
    return !wants_body || r->body.len >= MT_HTTP_BODY_MAX || (g->marker != NULL && contains(r->body, g->marker));
}

static mt_outcome outcome_of_answer(const mt_http_response *r, const mt_granted *g, const mt_answer *control)
{
    static const mt_outcome_kind kinds[] = {
        [ANSWER_SERVED] = MT_SERVED, [ANSWER_REFUSED] = MT_REFUSED, [ANSWER_UNDECIDED] = MT_UNDECIDED};
    mt_outcome o = {.kind = kinds[judge_answer(r, g, control)], .status = r->status};
    if (o.kind == MT_SERVED && mt_echo_of(r) == MT_ECHO_UNVERIFIED)
        o.kind = MT_SERVED_ANONYMOUS;
    if (o.kind == MT_REFUSED) {
        o.where = MT_IN_HTTP;
        o.manner = MT_BY_STATUS;
    }
    return o;
}

static mt_outcome closed(const mt_evidence *e)
{
    static const mt_close closes[] = {[MT_NET_FIN] = MT_CLOSE_FIN, [MT_NET_RESET] = MT_CLOSE_RESET, [MT_NET_ERROR] = MT_CLOSE_RESET};
    mt_outcome o = {.kind = MT_REFUSED, .where = e->opened ? MT_AFTER_HANDSHAKE : MT_IN_HANDSHAKE, .manner = MT_BY_CLOSE};
    o.close = e->tls == MT_TLS_CLOSE_NOTIFY ? MT_CLOSE_NOTIFY : closes[e->how];
    return o;
}

static mt_outcome outcome_of_end(const mt_evidence *e)
{
    if (e->tls == MT_TLS_ALERT) {
        mt_where where = e->opened ? MT_AFTER_HANDSHAKE : MT_IN_HANDSHAKE;
        return (mt_outcome){.kind = MT_REFUSED, .where = where, .manner = MT_BY_ALERT, .alert = e->alert};
    }
    if (e->tls == MT_TLS_DISTRUST || e->tls == MT_TLS_BROKEN)
        return (mt_outcome){.kind = e->tls == MT_TLS_DISTRUST ? MT_DISTRUSTED : MT_GARBLED, .text = e->text};
    bool broken_off = e->replied && !e->timed_out;
    if (broken_off)
        return (mt_outcome){.kind = MT_GARBLED, .text = "the answer ended within its header"};
    if (e->ended && e->how == MT_NET_ERROR)
        return (mt_outcome){.kind = MT_UNREACHABLE, .text = e->text};
    if (e->ended || e->tls == MT_TLS_CLOSE_NOTIFY)
        return closed(e);
    return (mt_outcome){.kind = MT_UNANSWERED, .text = e->text};
}

mt_outcome mt_classify(const mt_evidence *e, const mt_granted *granted, const mt_answer *control)
{
    if (!e->connected)
        return (mt_outcome){.kind = MT_UNREACHABLE, .text = e->text};
    if (granted->any_reply && e->replied)
        return (mt_outcome){.kind = MT_SERVED};
    if (e->http != NULL && e->http->has_head)
        return outcome_of_answer(e->http, granted, control);
    if (e->http != NULL && e->http->fault != NULL)
        return (mt_outcome){.kind = MT_GARBLED, .text = e->http->fault};
    return outcome_of_end(e);
}

static bool parse_statuses(const char *text, mt_granted *out)
{
    const char *at = text;
    while (isdigit((unsigned char)*at) && out->statuses_len < MT_GRANTED_STATUSES) {
        char *end;
        long status = strtol(at, &end, 10);
        if (status < 200 || status > 599)
            return false;
        out->statuses[out->statuses_len++] = (int)status;
        at = *end == ',' ? end + 1 : end;
        if (*end == 0)
            return true;
    }
    return false;
}

static bool parse_header(const char *text, mt_arena *arena, mt_granted *out)
{
    size_t n = strcspn(text, ":");
    if (n == 0)
        return false;
    out->header = mt_arena_printf(arena, "%.*s", (int)n, text);
    const char *value = text[n] == ':' ? text + n + 1 + strspn(text + n + 1, " ") : "";
    out->value = value[0] != 0 ? mt_arena_strdup(arena, value) : NULL;
    return true;
}

/* What follows `word` and blanks in `text`, or NULL. */
static const char *behind(const char *text, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(text, word, n) != 0 || text[n] != ' ')
        return NULL;
    text += n + strspn(text + n, " ");
    return text[0] != 0 ? text : NULL;
}

bool mt_granted_parse(const char *text, mt_arena *arena, mt_granted *out, mt_diag *d)
{
    const char *header = behind(text, "header"), *body = behind(text, "body");
    *out = (mt_granted){.given = true};
    bool ok = true;
    if (strcmp(text, "any-reply") == 0)
        out->any_reply = true;
    else if (header != NULL)
        ok = parse_header(header, arena, out);
    else if (body != NULL)
        out->marker = mt_arena_strdup(arena, body);
    else
        ok = parse_statuses(text, out);
    if (!ok)
        mt_diag_add(d, (mt_place){0}, "--granted %s: expected statuses (200,204), 'header NAME: VALUE', 'body TEXT' or any-reply", text);
    return ok;
}
