// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "refpeer/server.h"

const mt_refserver_fault_row mt_refserver_faults[MT_FAULTS] = {
    [MT_FAULT_ACCEPT_EXPIRED] = {"accept-expired", "The notAfter of the client's own certificate is not looked at."},
    [MT_FAULT_ACCEPT_EXPIRED_INTERMEDIATE] = {"accept-expired-intermediate", "The notAfter of CA certificates is not looked at."},
    [MT_FAULT_ACCEPT_NOT_YET_VALID] = {"accept-not-yet-valid", "The notBefore of certificates is not looked at."},
    [MT_FAULT_ACCEPT_UNKNOWN_CA] = {"accept-unknown-ca", "A path need not end at a trusted anchor."},
    [MT_FAULT_ACCEPT_INCOMPLETE_CHAIN] = {"accept-incomplete-chain", "The issuer of the client's own certificate may be missing."},
    [MT_FAULT_ACCEPT_SELF_SIGNED] = {"accept-self-signed", "A self-signed certificate alone passes without being trusted."},
    [MT_FAULT_ACCEPT_BAD_SIGNATURE] = {"accept-bad-signature",
                                       "Issuers are matched by name, and the signatures of certificates are not verified."},
    [MT_FAULT_ACCEPT_ALGORITHM_MISMATCH] = {"accept-algorithm-mismatch",
                                            "The inner and the outer signature algorithm of a certificate are not compared."},
    [MT_FAULT_IGNORE_EXTENDED_KEY_USAGE] = {"ignore-extended-key-usage", "The extendedKeyUsage of certificates is not looked at."},
    [MT_FAULT_IGNORE_KEY_USAGE] = {"ignore-key-usage", "The keyUsage of certificates is not looked at."},
    [MT_FAULT_IGNORE_BASIC_CONSTRAINTS] = {"ignore-basic-constraints", "An issuer need not be marked as a CA."},
    [MT_FAULT_IGNORE_PATH_LENGTH] = {"ignore-path-length", "The pathLenConstraint of CA certificates is not looked at."},
    [MT_FAULT_IGNORE_UNKNOWN_CRITICAL_EXTENSION] = {"ignore-unknown-critical-extension",
                                                    "A critical extension that is not understood is passed over."},
    [MT_FAULT_ACCEPT_MISSING_CERTIFICATE] = {"accept-missing-certificate", "An empty certificate list passes under policy required."},
    [MT_FAULT_SKIP_CERTIFICATE_REQUEST] = {"skip-certificate-request", "No certificate is asked for, whatever the policy."},
    [MT_FAULT_OMIT_CA_NAMES] = {"omit-ca-names", "The CertificateRequest lists no CA."},
    [MT_FAULT_REFUSE_MISSING_CERTIFICATE] = {"refuse-missing-certificate",
                                             "Over-strict: an empty certificate list is refused under policy optional."},
    [MT_FAULT_REFUSE_ROOT_IN_LIST] = {"refuse-root-in-list", "Over-strict: a list with a self-signed CA certificate is refused."},
    [MT_FAULT_REFUSE_DUPLICATE_CERTIFICATE] = {"refuse-duplicate-certificate",
                                               "Over-strict: a list with the same certificate twice is refused."},
    [MT_FAULT_REFUSE_STRAY_CERTIFICATE] = {"refuse-stray-certificate",
                                           "Over-strict: a list with a certificate that is not on the path is refused."},
    [MT_FAULT_REFUSE_REVERSED_ORDER] = {"refuse-reversed-order",
                                        "Over-strict: a list in which an issuer comes before what it issued is refused."},
    [MT_FAULT_REQUIRE_ONE_INTERMEDIATE_AT_MOST] = {"require-one-intermediate-at-most",
                                                   "Over-strict: a path with two intermediates or more is refused."},
    [MT_FAULT_REFUSE_WITHOUT_EXTENDED_KEY_USAGE] = {"refuse-without-extended-key-usage",
                                                    "Over-strict: a client certificate must have an extendedKeyUsage."},
    [MT_FAULT_REFUSE_WITHOUT_KEY_USAGE] = {"refuse-without-key-usage", "Over-strict: a client certificate must have a keyUsage."},
    [MT_FAULT_REFUSE_UNKNOWN_EXTENSION] = {"refuse-unknown-extension",
                                           "Over-strict: an extension that is not understood is refused even if not critical."},
    [MT_FAULT_REFUSE_MIXED_ALGORITHMS] = {"refuse-mixed-algorithms",
                                          "Over-strict: the keys of a path must all be of one algorithm."},
};

uint64_t mt_refserver_fault_set(const mt_ref_list *names)
{
    uint64_t set = 0;
    for (size_t i = 0; i < names->len; i++) {
        size_t fault = 0;
        while (fault < MT_FAULTS && strcmp(mt_refserver_faults[fault].name, names->at[i]) != 0)
            fault++;
        if (fault == MT_FAULTS)
            mt_ref_die(MT_REF_EXIT_USAGE, "mtlspec-refserver: no fault '%s'; --list-faults names them", names->at[i]);
        set |= mt_refserver_bit((mt_refserver_fault)fault);
    }
    return set;
}
