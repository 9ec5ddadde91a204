// SPDX-License-Identifier: Apache-2.0
#include "engine/state.h"

#include <stdio.h>

static mt_trace_entry *add(mt_engine *e, char who, const char *what)
{
    MT_GROW(e->trace, e->trace_len, e->trace_cap);
    mt_trace_entry *t = &e->trace[e->trace_len++];
    *t = (mt_trace_entry){.who = who, .what = what, .version = mt_form(e).version};
    return t;
}

/* The fields are described when somebody asks: most runs pass and nobody does. */
void mt_trace_message(mt_engine *e, char who, const char *name, mt_span whole)
{
    mt_trace_entry *t = add(e, who, name);
    t->type = whole.len ? whole.at[0] : 0;
    t->bytes = mt_span_of(mt_arena_copy(e->arena, whole.at, whole.len), whole.len);
}

void mt_trace_remark(mt_engine *e, char who, const char *what, const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    add(e, who, what)->remark = mt_arena_strdup(e->arena, text);
}

static const char *describe(mt_engine *e, const mt_trace_entry *t)
{
    mt_arena *scratch = mt_arena_new();
    mt_msg_form form = {t->version, scratch};
    mt_writer_clear(&e->trace_detail);
    mt_msg_describe(t->type, mt_span_skip(t->bytes, MT_MESSAGE_HEADER), &form, &e->trace_detail);
    mt_arena_free(scratch);
    return mt_arena_strdup(e->arena, mt_writer_text(&e->trace_detail));
}

bool mt_engine_trace_next(mt_engine *e, mt_trace_line *out)
{
    if (e->trace_next == e->trace_len)
        return false;
    const mt_trace_entry *t = &e->trace[e->trace_next++];
    const char *detail = t->bytes.at != NULL ? describe(e, t) : t->remark;
    *out = (mt_trace_line){t->who, t->what, detail[0] ? detail : NULL, t->bytes};
    return true;
}
