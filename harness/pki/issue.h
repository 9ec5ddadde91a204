// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_ISSUE_H
#define MT_PKI_ISSUE_H
/* Writing one certificate (RFC 5280 4.1) as a recipe says, right or wrong. */
#include "pki/recipe.h"

typedef struct mt_issue {
    const mt_recipe *recipe;
    const mt_key *key, *signer;  /* the certificate's own key (public is enough), and the one that signs */
    mt_span subject, issuer;     /* DER names */
    mt_span serial;              /* content octets */
    mt_span key_id;              /* subjectKeyIdentifier */
    mt_span issuer_key_id;       /* of the issuer; empty: no authorityKeyIdentifier */
    int64_t from, until;
} mt_issue;

/* mt_issue_write appends the certificate. False: `d` says what the recipe asks of a key that cannot do it. */
MT_MUST_CHECK bool mt_issue_write(const mt_issue *in, mt_writer *out, mt_diag *d);
/* mt_issue_damage applies the `damage` of a recipe to a finished certificate. */
void mt_issue_damage(unsigned damage, uint8_t *der, size_t len);
/* mt_key_identifier is the SHA-1 of the public key's bits (RFC 5280 4.2.1.2 method 1). */
mt_digest mt_key_identifier(const mt_key *key);
#endif
