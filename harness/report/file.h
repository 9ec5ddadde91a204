// SPDX-License-Identifier: Apache-2.0
#ifndef MT_REPORT_FILE_H
#define MT_REPORT_FILE_H
/* A report file appears whole or not at all. The path "-" is standard output; a path that is no regular file (a pipe, a device) is
 * written to directly. */
#include "base/diag.h"
#include "base/writer.h"

/* mt_report_prepare makes the folders of `path` and checks that a file can be made there. False: `d` says why not. */
MT_MUST_CHECK bool mt_report_prepare(const char *path, mt_diag *d);
/* mt_report_forget removes the regular file that an earlier run left at `path`. */
void mt_report_forget(const char *path);
/* mt_report_write replaces `path` by a file of mode 0644 with these bytes: written beside it, synced, renamed. False: `d` says why,
 * and nothing is left behind. */
MT_MUST_CHECK bool mt_report_write(const char *path, mt_span bytes, mt_diag *d);
#endif
