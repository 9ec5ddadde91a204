// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ATTEMPT_SERVE_JUDGE_H
#define MT_ATTEMPT_SERVE_JUDGE_H
/* For the files of serve only: client chains judged, once for each distinct chain, and the answers that tell of them. */
#include "attempt/serve.h"
#include "http/inbox.h"
#include "pki/describe.h"
#include "pki/verify.h"

typedef struct mt_judged {
    mt_path_verdict verdict;
    mt_described who; /* of the first certificate; texts NULL when it is none */
} mt_judged;

typedef struct mt_bench mt_bench;
mt_bench *mt_bench_new(const mt_serve_config *c);
void mt_bench_free(mt_bench *b);
/* mt_bench_judge returns the judgement of a chain (n > 0); with another use than MT_LEAF_SIGNS it is a pair of TLCP.
 * It is shared, and stays until mt_bench_drop. */
const mt_judged *mt_bench_judge(mt_bench *b, const mt_span *chain, size_t n, mt_leaf_use use);
void mt_bench_drop(mt_bench *b, const mt_judged *judged); /* NULL is legal */

/* mt_serve_answer appends the response to one request. `judged` NULL: no certificate came. `status` 0: as the request asks. */
typedef struct mt_serve_reply {
    const mt_http_asked *asked;
    const mt_judged *judged;
    const mt_engine_info *info;
    int status;
} mt_serve_reply;
void mt_serve_answer(const mt_serve_reply *r, mt_writer *out);
#endif
