// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_VERIFY_H
#define MT_PKI_VERIFY_H
/* Judging a certificate path clause by clause: libcrypto's verifier, plus rules of our own where libcrypto deviates from
 * RFC 5280 (each with its clause). SM2 signatures are checked under the distinguishing id of certificates, on every certificate of
 * the path that SM2 signed; above an SM2 leaf all keys are of SM2 (RFC 8998 3.3.3). Every finding can be masked by a fault: a fault
 * leaves out exactly one check, or adds one. */
#include "base/mem.h"
#include "base/span.h"

typedef struct mt_path_fault {
    const char *name;     /* "accept-expired"; shared vocabulary with mtlspec-refserver and with `caught-by` of the cases */
    bool over_strict;     /* it adds a check */
    const char *what;     /* one sentence: what is left out or added */
} mt_path_fault;

extern const mt_path_fault mt_path_faults[];
extern const size_t mt_path_fault_count;
/* mt_path_fault_bit returns the bit of a fault in a set, or 0 if there is no such fault. */
uint64_t mt_path_fault_bit(const char *name);

typedef enum mt_purpose { MT_PURPOSE_CLIENT, MT_PURPOSE_SERVER } mt_purpose;

/* What the key of the leaf is for: keyUsage must allow it (RFC 5280 4.2.1.3), where there is one. */
typedef enum mt_leaf_use { MT_LEAF_SIGNS, MT_LEAF_ENCIPHERS, MT_LEAF_AGREES } mt_leaf_use;

typedef struct mt_path {
    const mt_span *chain;   /* DER, as the peer sent it */
    size_t chain_len;
    const mt_span *anchors; /* DER of trusted roots */
    size_t anchors_len;
    mt_purpose purpose;
    const char *host;       /* MT_PURPOSE_SERVER: DNS name or address that the leaf must carry; NULL: any */
    int64_t now;            /* seconds since 1970; 0: the clock */
    uint64_t faults;
    mt_leaf_use use;
} mt_path;

typedef struct mt_path_verdict {
    bool ok;
    uint8_t alert;    /* when not ok: the alert of RFC 8446 6.2 / RFC 5246 7.2.2 */
    char text[200];   /* when not ok: what is wrong with which certificate, and the clause */
} mt_path_verdict;

mt_path_verdict mt_path_verify(const mt_path *path);

/* mt_path_verify_pair judges a list of TLCP (GB/T 38636, Certificate): the signing certificate, the encryption certificate, then the CAs
 * of both. Each has its path; `path->use` is that of the encryption key: MT_LEAF_ENCIPHERS where it takes the pre-master
 * secret, MT_LEAF_AGREES in the ECDHE suites. The two are not the same certificate, and of one subject. That their keys are of SM2 is
 * for those to see who use the keys. */
mt_path_verdict mt_path_verify_pair(const mt_path *path);

enum { MT_CHAIN_MAX = 64 }; /* certificates of one chain that are looked at; more is a verdict (bad_certificate) */
#endif
