// SPDX-License-Identifier: Apache-2.0
#ifndef MT_PKI_JUDGE_H
#define MT_PKI_JUDGE_H
/* What the files of the path verifier share. */
#include "pki/verify.h"

#include <openssl/x509v3.h>

/* Faults by number, in the order of mt_path_faults. */
typedef enum mt_path_fault_id {
    MT_PF_ACCEPT_EXPIRED,
    MT_PF_ACCEPT_EXPIRED_INTERMEDIATE,
    MT_PF_ACCEPT_NOT_YET_VALID,
    MT_PF_ACCEPT_NOT_YET_VALID_INTERMEDIATE,
    MT_PF_ACCEPT_UNKNOWN_CA,
    MT_PF_ACCEPT_INCOMPLETE_CHAIN,
    MT_PF_ACCEPT_SELF_SIGNED,
    MT_PF_ACCEPT_BAD_SIGNATURE,
    MT_PF_ACCEPT_ALGORITHM_MISMATCH,
    MT_PF_ACCEPT_WEAK_SIGNATURE,
    MT_PF_ACCEPT_SMALL_KEY,
    MT_PF_ACCEPT_DUPLICATE_EXTENSION,
    MT_PF_ACCEPT_CRITICAL_KEY_IDENTIFIER,
    MT_PF_ACCEPT_VERSION_1,
    MT_PF_ACCEPT_VERSION_4,
    MT_PF_ACCEPT_JUNK_CERTIFICATE,
    MT_PF_ACCEPT_OTHER_HOST,
    MT_PF_IGNORE_NAME_CHAINING,
    MT_PF_IGNORE_EXTENDED_KEY_USAGE,
    MT_PF_IGNORE_KEY_USAGE,
    MT_PF_IGNORE_BASIC_CONSTRAINTS,
    MT_PF_IGNORE_KEY_CERT_SIGN,
    MT_PF_IGNORE_LEAF_CONSTRAINTS,
    MT_PF_IGNORE_PATH_LENGTH,
    MT_PF_IGNORE_UNKNOWN_CRITICAL_EXTENSION,
    MT_PF_REFUSE_ROOT_IN_LIST,
    MT_PF_REFUSE_DUPLICATE_CERTIFICATE,
    MT_PF_REFUSE_STRAY_CERTIFICATE,
    MT_PF_REFUSE_REVERSED_ORDER,
    MT_PF_REQUIRE_ONE_INTERMEDIATE_AT_MOST,
    MT_PF_REFUSE_WITHOUT_INTERMEDIATE,
    MT_PF_REFUSE_MIXED_ALGORITHMS,
    MT_PF_REFUSE_UNCOMMON_KEY,
    MT_PF_REFUSE_UNCOMMON_SIGNATURE,
    MT_PF_REFUSE_OUTLIVING_ISSUER,
    MT_PF_REFUSE_LONG_VALIDITY,
    MT_PF_REFUSE_GENERALIZED_TIME,
    MT_PF_REFUSE_WITHOUT_EXTENDED_KEY_USAGE,
    MT_PF_REFUSE_SECOND_PURPOSE,
    MT_PF_REFUSE_CRITICAL_EXTENDED_KEY_USAGE,
    MT_PF_REFUSE_ISSUER_PURPOSE,
    MT_PF_REFUSE_WITHOUT_KEY_USAGE,
    MT_PF_REFUSE_ISSUER_WITHOUT_KEY_USAGE,
    MT_PF_REFUSE_SECOND_USAGE,
    MT_PF_REFUSE_CA_AS_LEAF,
    MT_PF_REFUSE_UNCRITICAL_BASIC_CONSTRAINTS,
    MT_PF_REFUSE_SELF_ISSUED,
    MT_PF_REFUSE_WITHOUT_KEY_IDENTIFIER,
    MT_PF_REFUSE_UNKNOWN_EXTENSION,
    MT_PF_REFUSE_ODD_SERIAL,
    MT_PF_REFUSE_LONG_SERIAL,
    MT_PF_SKIP_ENCRYPTION_CERTIFICATE,
    MT_PF_ACCEPT_SINGLE_CERTIFICATE,
    MT_PF_ACCEPT_SAME_CERTIFICATE_TWICE,
    MT_PF_ACCEPT_PAIR_OF_TWO_SUBJECTS,
    MT_PF_IGNORE_ENCRYPTION_KEY_USAGE,
    MT_PF_ACCEPT_CERTIFICATE_UNDER_OTHER_ID,
    MT_PF_ACCEPT_SM2_UNDER_OTHER_CA,
    MT_PATH_FAULTS
} mt_path_fault_id;
_Static_assert(MT_PATH_FAULTS <= 64, "a set of faults is 64 bits");

typedef struct mt_judge {
    const mt_path *path;
    X509 *sent[MT_CHAIN_MAX]; /* NULL: passed over as junk */
    X509 **anchors;
    X509 *built[MT_CHAIN_MAX + 1]; /* the path, leaf first, anchor last; references of our own */
    size_t built_len;
    mt_path_verdict verdict; /* `ok` until the first finding */
} mt_judge;

/* mt_judge_parse reads a certificate; NULL: it is none. */
X509 *mt_judge_parse(mt_span der);
bool mt_judge_has(const mt_judge *j, mt_path_fault_id fault);
/* mt_judge_find records what is wrong with `x` unless something was recorded before. */
void mt_judge_find(mt_judge *j, const X509 *x, uint8_t alert, const char *what);
bool mt_judge_is_anchor(const mt_judge *j, const X509 *x);

/* judge_rules.c: rules of our own, right ones and over-strict ones. */
void mt_judge_leaf(mt_judge *j);
void mt_judge_path(mt_judge *j);
/* judge_path.c: libcrypto builds and checks the path; fills `built`. */
void mt_judge_build(mt_judge *j);
#endif
