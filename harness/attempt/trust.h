// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ATTEMPT_TRUST_H
#define MT_ATTEMPT_TRUST_H
/* Whether a server may be sent a credential: its own chain, judged once for each distinct chain. */
#include "engine/engine.h"

typedef struct mt_trust mt_trust;

typedef struct mt_trust_config {
    const mt_span *anchors; /* DER, must outlive the trust */
    size_t anchors_len;
    const char *host;       /* the name or address that the certificate must carry */
    bool insecure;          /* any chain is fine */
} mt_trust_config;

mt_trust *mt_trust_new(const mt_trust_config *c);
void mt_trust_free(mt_trust *t);
/* mt_trust_judge is for mt_engine_config.judge. */
mt_judge mt_trust_judge(mt_trust *t);
#endif
