// SPDX-License-Identifier: Apache-2.0
/* Text of a hostile peer on its way into a report: whatever comes in, no form lets an escape character or a byte that is no UTF-8 out
 * (JSON escapes by itself), the screen's form shows every control character, and cleaning twice is cleaning once. */
#include "report/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok, const char *what)
{
    if (!ok)
        mt_die("invariant: %s", what);
}

static void clean(mt_writer *out, const char *text, mt_text_form form)
{
    mt_writer_clear(out);
    mt_text_clean(out, text, form);
    mt_writer_text(out);
}

static bool holds(mt_span text, uint8_t first, uint8_t last)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] >= first && text.at[i] <= last)
            return true;
    }
    return false;
}

static void check(const char *in, mt_text_form form)
{
    mt_writer once = {0}, twice = {0};
    clean(&once, in, form);
    clean(&twice, (const char *)once.at, MT_TEXT_JSON);
    /* Not asked of text that still names a key: what was taken out may leave a label that was cut in two before. */
    bool named = strstr((const char *)once.at, "PRIVATE KEY") != NULL;
    require(named || mt_span_equal(mt_written(&once), mt_written(&twice)), "valid UTF-8");
    require(form == MT_TEXT_JSON || !holds(mt_written(&once), 0x1b, 0x1b), "no escape");
    require(form != MT_TEXT_XML_LINE || !holds(mt_written(&once), 0, 0x1f), "one line");
    if (form == MT_TEXT_SCREEN) {
        require(!holds(mt_written(&once), 0, 0x1f) && !holds(mt_written(&once), 0x7f, 0x7f), "no control");
        clean(&twice, (const char *)once.at, form);
        require(named || mt_span_equal(mt_written(&once), mt_written(&twice)), "clean stays clean");
    }
    mt_text_clip(&once, 0, 20, "...");
    require(once.len <= 20, "clipped");
    mt_writer_free(&once);
    mt_writer_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *in = mt_alloc(size + 1);
    if (size)
        memcpy(in, data, size);
    for (int form = 0; form < MT_TEXT_FORMS; form++)
        check(in, (mt_text_form)form);
    mt_free(in);
    return 0;
}
