// SPDX-License-Identifier: Apache-2.0
#include "result/result.h"

#include "wire/codes.h"

static const char *const verdicts[] = {
    [MT_PASS] = "pass", [MT_FAIL] = "fail", [MT_INCONCLUSIVE] = "inconclusive", [MT_UNSUPPORTED] = "unsupported",
    [MT_SKIPPED] = "skipped", [MT_ERROR] = "error", [MT_KNOWN] = "known",
};

static const char *const kinds[] = {
    [MT_OUTCOME_NONE] = "none", [MT_SERVED] = "served", [MT_SERVED_ANONYMOUS] = "served-anonymous", [MT_REFUSED] = "refused",
    [MT_UNDECIDED] = "undecided", [MT_UNANSWERED] = "unanswered", [MT_UNREACHABLE] = "unreachable", [MT_GARBLED] = "garbled",
    [MT_DISTRUSTED] = "distrusted",
};

static const char *const sentences[] = {
    [MT_OUTCOME_NONE] = "nothing was observed", [MT_SERVED] = "served", [MT_SERVED_ANONYMOUS] = "served anonymously",
    [MT_REFUSED] = "refused", [MT_UNDECIDED] = "undecided", [MT_UNANSWERED] = "unanswered", [MT_UNREACHABLE] = "unreachable",
    [MT_GARBLED] = "broke the protocol", [MT_DISTRUSTED] = "ended by us, the server's own certificate did not verify",
};

static const char *const places[] = {
    [MT_NOWHERE] = "none", [MT_IN_HANDSHAKE] = "handshake", [MT_AFTER_HANDSHAKE] = "after-handshake", [MT_IN_HTTP] = "http",
};

static const char *const place_phrases[] = {
    [MT_NOWHERE] = "", [MT_IN_HANDSHAKE] = " in the handshake", [MT_AFTER_HANDSHAKE] = " after the handshake",
    [MT_IN_HTTP] = " over HTTP",
};

static const char *const manners[] = {
    [MT_NO_MANNER] = "none", [MT_BY_ALERT] = "alert", [MT_BY_CLOSE] = "closed", [MT_BY_STATUS] = "status",
};

static const char *const closes[] = {
    [MT_NOT_CLOSED] = "none", [MT_CLOSE_FIN] = "fin", [MT_CLOSE_NOTIFY] = "close_notify", [MT_CLOSE_RESET] = "reset",
};

static const char *const close_phrases[] = {
    [MT_NOT_CLOSED] = "", [MT_CLOSE_FIN] = " (FIN)", [MT_CLOSE_NOTIFY] = " (close_notify)", [MT_CLOSE_RESET] = " (reset)",
};

static const char *word(const char *const *words, size_t n, size_t i)
{
    return i < n ? words[i] : "unknown";
}
#define WORD(table, value) word((table), MT_COUNT(table), (size_t)(value))

static bool find(const char *const *words, size_t n, const char *name, size_t *out)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], name) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

const char *mt_verdict_name(mt_verdict v)
{
    return WORD(verdicts, v);
}

const char *mt_outcome_kind_name(mt_outcome_kind k)
{
    return WORD(kinds, k);
}

const char *mt_where_name(mt_where w)
{
    return WORD(places, w);
}

const char *mt_manner_name(mt_manner m)
{
    return WORD(manners, m);
}

const char *mt_close_name(mt_close c)
{
    return WORD(closes, c);
}

bool mt_verdict_find(const char *name, mt_verdict *out)
{
    size_t i = 0;
    bool found = find(verdicts, MT_COUNT(verdicts), name, &i);
    *out = found ? (mt_verdict)i : *out;
    return found;
}

bool mt_outcome_kind_find(const char *name, mt_outcome_kind *out)
{
    size_t i = 0;
    bool found = find(kinds, MT_COUNT(kinds), name, &i);
    *out = found ? (mt_outcome_kind)i : *out;
    return found;
}

bool mt_where_find(const char *name, mt_where *out)
{
    size_t i = 0;
    bool found = find(places, MT_COUNT(places), name, &i);
    *out = found ? (mt_where)i : *out;
    return found;
}

/* "over HTTP 400" reads as one, all else is set off by a comma. */
static void write_status(const mt_outcome *o, mt_writer *out)
{
    if (o->status == 0) {
        return;
    }
    bool joined = o->kind == MT_REFUSED && o->where == MT_IN_HTTP && o->manner == MT_BY_STATUS;
    mt_writef(out, joined ? " %d" : ", HTTP %d", o->status);
}

static void write_manner(const mt_outcome *o, mt_writer *out)
{
    if (o->manner == MT_BY_ALERT) {
        mt_writef(out, ", alert ");
        mt_code_write(&mt_alerts, (unsigned)o->alert, out);
    } else if (o->manner == MT_BY_CLOSE) {
        mt_writef(out, ", closed%s", WORD(close_phrases, o->close));
    }
}

void mt_outcome_write(const mt_outcome *o, mt_writer *out)
{
    mt_writef(out, "%s", WORD(sentences, o->kind));
    if (o->kind == MT_REFUSED) {
        mt_writef(out, "%s", WORD(place_phrases, o->where));
        write_manner(o, out);
    }
    write_status(o, out);
    if (o->text) {
        mt_writef(out, ": %s", o->text);
    }
}

bool mt_outcome_same(const mt_outcome *a, const mt_outcome *b)
{
    return a->kind == b->kind && a->where == b->where && a->manner == b->manner && a->alert == b->alert && a->close == b->close &&
           a->status == b->status;
}

size_t mt_summary_runs(const mt_summary *s)
{
    size_t runs = 0;
    for (size_t i = 0; i < MT_VERDICTS; i++) {
        runs += s->counts[i];
    }
    return runs;
}
