// SPDX-License-Identifier: Apache-2.0
#ifndef MT_ATTEMPT_TRUST_H
#define MT_ATTEMPT_TRUST_H
/* Whether a server may be sent a credential: its own chain, judged once for each distinct chain. */
#include "engine/engine.h"
#include "pki/verify.h"

typedef struct mt_trust mt_trust;

typedef struct mt_trust_config {
    const mt_span *anchors; /* DER, must outlive the trust */
    size_t anchors_len;
    const char *host;       /* the name or address that the certificate must carry */
    bool insecure;          /* any chain is fine */
} mt_trust_config;

mt_trust *mt_trust_new(const mt_trust_config *c);
void mt_trust_free(mt_trust *t);

/* mt_trust_use: what the leaf certificates of a suite are for. In TLCP, whose leaves are pairs, the second has a part in the key
 * exchange; elsewhere there is one and it signs. */
mt_leaf_use mt_trust_use(uint16_t suite);

typedef struct mt_trust_asked {
    const mt_span *chain; /* as the server sent it */
    size_t len;
    mt_leaf_use use;
} mt_trust_asked;
/* mt_trust_accepts: see mt_judge.accepts. */
bool mt_trust_accepts(mt_trust *t, const mt_trust_asked *asked, uint8_t *alert, char text[200]);
#endif
