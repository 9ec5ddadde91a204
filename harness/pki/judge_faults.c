// SPDX-License-Identifier: Apache-2.0
#include "pki/judge.h"

const mt_path_fault mt_path_faults[] = {
    [MT_PF_ACCEPT_EXPIRED] = {"accept-expired", false, "the end of the leaf's validity is not looked at"},
    [MT_PF_ACCEPT_EXPIRED_INTERMEDIATE] = {"accept-expired-intermediate", false, "the end of an issuer's validity is not looked at"},
    [MT_PF_ACCEPT_NOT_YET_VALID] = {"accept-not-yet-valid", false, "the begin of the leaf's validity is not looked at"},
    [MT_PF_ACCEPT_NOT_YET_VALID_INTERMEDIATE] = {"accept-not-yet-valid-intermediate", false,
                                                 "the begin of an issuer's validity is not looked at"},
    [MT_PF_ACCEPT_UNKNOWN_CA] = {"accept-unknown-ca", false, "a path need not end in a trusted CA"},
    [MT_PF_ACCEPT_INCOMPLETE_CHAIN] = {"accept-incomplete-chain", false, "the issuer of the leaf may be missing"},
    [MT_PF_ACCEPT_SELF_SIGNED] = {"accept-self-signed", false, "a self-signed leaf need not be trusted"},
    [MT_PF_ACCEPT_BAD_SIGNATURE] = {"accept-bad-signature", false,
                                    "issuers are found by name, and the signatures of certificates are not verified"},
    [MT_PF_ACCEPT_ALGORITHM_MISMATCH] = {"accept-algorithm-mismatch", false,
                                         "the inner and the outer signature algorithm are not compared"},
    [MT_PF_ACCEPT_WEAK_SIGNATURE] = {"accept-weak-signature", false, "signatures with SHA-1 are as good as others"},
    [MT_PF_ACCEPT_SMALL_KEY] = {"accept-small-key", false, "keys may have fewer than 112 bits of security"},
    [MT_PF_ACCEPT_DUPLICATE_EXTENSION] = {"accept-duplicate-extension", false, "an extension may occur twice"},
    [MT_PF_ACCEPT_CRITICAL_KEY_IDENTIFIER] = {"accept-critical-key-identifier", false, "key identifiers may be marked critical"},
    [MT_PF_ACCEPT_VERSION_1] = {"accept-version-1", false, "a certificate of version 1 or 2 is as good as one of version 3"},
    [MT_PF_ACCEPT_VERSION_4] = {"accept-version-4", false, "a version above 3 is not noticed"},
    [MT_PF_ACCEPT_JUNK_CERTIFICATE] = {"accept-junk-certificate", false,
                                       "an entry behind the leaf that is no certificate is passed over"},
    [MT_PF_ACCEPT_OTHER_HOST] = {"accept-other-host", false, "the server's certificate need not carry the name that was asked for"},
    [MT_PF_IGNORE_NAME_CHAINING] = {"ignore-name-chaining", false, "the issuer's name need not be the subject of the next certificate"},
    [MT_PF_IGNORE_EXTENDED_KEY_USAGE] = {"ignore-extended-key-usage", false, "extendedKeyUsage is not looked at"},
    [MT_PF_IGNORE_KEY_USAGE] = {"ignore-key-usage", false, "the leaf's keyUsage is not looked at"},
    [MT_PF_IGNORE_BASIC_CONSTRAINTS] = {"ignore-basic-constraints", false, "an issuer need not say that it is a CA"},
    [MT_PF_IGNORE_KEY_CERT_SIGN] = {"ignore-key-cert-sign", false, "an issuer's keyUsage is not looked at"},
    [MT_PF_IGNORE_LEAF_CONSTRAINTS] = {"ignore-leaf-constraints", false,
                                       "a leaf that is no CA may have a path length or the right to sign certificates"},
    [MT_PF_IGNORE_PATH_LENGTH] = {"ignore-path-length", false, "path lengths are not looked at"},
    [MT_PF_IGNORE_UNKNOWN_CRITICAL_EXTENSION] = {"ignore-unknown-critical-extension", false,
                                                 "a critical extension that nobody knows is passed over"},
    [MT_PF_REFUSE_ROOT_IN_LIST] = {"refuse-root-in-list", true, "a list with a self-signed CA certificate is refused"},
    [MT_PF_REFUSE_DUPLICATE_CERTIFICATE] = {"refuse-duplicate-certificate", true, "a list with the same certificate twice is refused"},
    [MT_PF_REFUSE_STRAY_CERTIFICATE] = {"refuse-stray-certificate", true, "a list with a certificate that is not on the path is refused"},
    [MT_PF_REFUSE_REVERSED_ORDER] = {"refuse-reversed-order", true, "a list in which an issuer comes before what it issued is refused"},
    [MT_PF_REQUIRE_ONE_INTERMEDIATE_AT_MOST] = {"require-one-intermediate-at-most", true,
                                                "a path with two intermediates or more is refused"},
    [MT_PF_REFUSE_WITHOUT_INTERMEDIATE] = {"refuse-without-intermediate", true, "a leaf that the root itself issued is refused"},
    [MT_PF_REFUSE_MIXED_ALGORITHMS] = {"refuse-mixed-algorithms", true, "the keys of a path must all be of one algorithm"},
    [MT_PF_REFUSE_UNCOMMON_KEY] = {"refuse-uncommon-key", true, "keys other than RSA of 2048 bits, P-256 and SM2 are refused"},
    [MT_PF_REFUSE_UNCOMMON_SIGNATURE] = {"refuse-uncommon-signature", true,
                                         "signatures other than PKCS#1 and ECDSA with SHA-256, and SM2, are refused"},
    [MT_PF_REFUSE_OUTLIVING_ISSUER] = {"refuse-outliving-issuer", true, "a leaf that ends after one of its issuers is refused"},
    [MT_PF_REFUSE_LONG_VALIDITY] = {"refuse-long-validity", true, "a leaf that is valid for more than 825 days is refused"},
    [MT_PF_REFUSE_GENERALIZED_TIME] = {"refuse-generalized-time", true, "GeneralizedTime before 2050 is refused"},
    [MT_PF_REFUSE_WITHOUT_EXTENDED_KEY_USAGE] = {"refuse-without-extended-key-usage", true, "the leaf must have an extendedKeyUsage"},
    [MT_PF_REFUSE_SECOND_PURPOSE] = {"refuse-second-purpose", true, "the leaf's extendedKeyUsage must name no other purpose"},
    [MT_PF_REFUSE_CRITICAL_EXTENDED_KEY_USAGE] = {"refuse-critical-extended-key-usage", true,
                                                  "the leaf's extendedKeyUsage must not be critical"},
    [MT_PF_REFUSE_ISSUER_PURPOSE] = {"refuse-issuer-purpose", true, "an issuer with extendedKeyUsage is refused"},
    [MT_PF_REFUSE_WITHOUT_KEY_USAGE] = {"refuse-without-key-usage", true, "the leaf must have a keyUsage"},
    [MT_PF_REFUSE_ISSUER_WITHOUT_KEY_USAGE] = {"refuse-issuer-without-key-usage", true, "every issuer must have a keyUsage"},
    [MT_PF_REFUSE_SECOND_USAGE] = {"refuse-second-usage", true, "the leaf's keyUsage must be digitalSignature alone"},
    [MT_PF_REFUSE_CA_AS_LEAF] = {"refuse-ca-as-leaf", true, "a leaf that is a CA is refused"},
    [MT_PF_REFUSE_UNCRITICAL_BASIC_CONSTRAINTS] = {"refuse-uncritical-basic-constraints", true,
                                                   "an issuer's basicConstraints must be critical"},
    [MT_PF_REFUSE_SELF_ISSUED] = {"refuse-self-issued", true, "a certificate below the root whose subject is its issuer is refused"},
    [MT_PF_REFUSE_WITHOUT_KEY_IDENTIFIER] = {"refuse-without-key-identifier", true,
                                             "the leaf must identify its issuer's key, and every issuer its own"},
    [MT_PF_REFUSE_UNKNOWN_EXTENSION] = {"refuse-unknown-extension", true,
                                        "an extension that nobody knows is refused even if it is not critical"},
    [MT_PF_REFUSE_ODD_SERIAL] = {"refuse-odd-serial", true, "a serial number that is zero, negative or longer than 20 octets is refused"},
    [MT_PF_REFUSE_LONG_SERIAL] = {"refuse-long-serial", true, "a serial number of more than 16 octets is refused"},
};
const size_t mt_path_fault_count = MT_COUNT(mt_path_faults);
_Static_assert(MT_COUNT(mt_path_faults) == MT_PATH_FAULTS, "every fault has its row");

uint64_t mt_path_fault_bit(const char *name)
{
    for (size_t i = 0; i < mt_path_fault_count; i++)
        if (strcmp(mt_path_faults[i].name, name) == 0)
            return (uint64_t)1 << i;
    return 0;
}
