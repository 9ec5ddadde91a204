// SPDX-License-Identifier: Apache-2.0
#include "engine/fault.h"

#include "engine/engine.h"

/* In the order of mt_fault_id. */
const mt_engine_fault mt_engine_faults[] = {
    {"skip-certificate-verify", false, "the signature of the client's CertificateVerify is not checked"},
    {"accept-missing-certificate-verify", false, "CertificateVerify may be left out after a non-empty Certificate"},
    {"accept-unneeded-certificate-verify", false, "CertificateVerify after an empty Certificate is read and ignored"},
    {"accept-missing-certificate", false, "policy required, but an empty certificate_list passes"},
    {"accept-omitted-certificate", false,
     "the Certificate message may be left out though it was requested (and the policy is not applied then)"},
    {"accept-repeated-certificate-verify", false, "a second CertificateVerify is read and ignored"},
    {"accept-early-certificate-verify", false, "CertificateVerify may come before Certificate (TLS 1.3)"},
    {"accept-unsolicited-certificate", false, "a client Certificate (and CertificateVerify) that was not asked for is read and ignored"},
    {"accept-unoffered-scheme", false, "the scheme of CertificateVerify need not be in the request's list"},
    {"accept-pkcs1-in-tls13", false, "rsa_pkcs1_* is accepted in a TLS 1.3 CertificateVerify"},
    {"accept-other-curve", false, "in TLS 1.3 an ECDSA scheme of another curve than the key's is accepted"},
    {"ignore-scheme-label", false, "the signature is tried under every scheme that fits the key, whatever the label says"},
    {"verify-without-certificate-request", false, "a signature over a transcript that lacks CertificateRequest is also accepted"},
    {"verify-without-certificate", false, "a signature over a transcript that lacks the client's Certificate is also accepted"},
    {"accept-server-context", false, "a signature with the server's context string is also accepted (TLS 1.3)"},
    {"skip-finished", false, "the verify_data of the client's Finished is not checked"},
    {"accept-trailing-data", false, "bytes after the end of a handshake message's body are ignored"},
    {"accept-unrequested-extension", false, "an extension in CertificateEntry that CertificateRequest did not carry is ignored"},
    {"ignore-request-context", false, "the certificate_request_context of the client's Certificate is not compared"},
    {"accept-empty-entry", false, "a zero-length entry in certificate_list is skipped"},
    {"skip-certificate-request", false, "no CertificateRequest is sent, whatever the policy"},
    {"request-without-signature-algorithms", false,
     "CertificateRequest lacks signature_algorithms (TLS 1.3) or its list is empty (TLS 1.2)"},
    {"request-forbidden-extension", false, "CertificateRequest carries an extension that RFC 8446 4.2 forbids there (server_name)"},
    {"request-contradicting-types", false, "TLS 1.2: certificate_types lists only what no listed scheme can sign with"},
    {"request-wrong-ca-names", false, "CertificateRequest lists the name of a CA that the server does not trust, and not its own"},
    {"request-nonempty-context", false, "TLS 1.3: certificate_request_context in the handshake is not empty"},
    {"refuse-other-hash-in-tls12", true, "in TLS 1.2 an ECDSA hash that is not the curve's own is refused"},
    {"refuse-fragments", true, "a handshake message that spans records is refused"},
    {"refuse-coalesced", true, "two handshake messages in one record are refused"},
    {"refuse-padding", true, "TLS 1.3 record padding is refused"},
    {"accept-verify-without-certificate", false, "Certificate may be left out in front of a CertificateVerify, which is then ignored"},
    {"accept-repeated-certificate", false, "a second Certificate is read and ignored"},
    {"accept-leaf-anywhere", false, "the first certificate that is no CA's counts as the client's, wherever it stands in the list"},
    {"always-request", false, "a CertificateRequest is sent, whatever the policy"},
    {"omit-ca-names", false, "CertificateRequest does not list the names of the trusted CAs"},
    {"refuse-missing-certificate", true, "an empty certificate_list is refused where a certificate is optional"},
    {"resume-without-certificate", false,
     "TLCP: who comes without a certificate is refused behind the handshake only, and may take up the session that this left"},
    {"resume-refused-certificate", false,
     "TLCP: who comes with a bad certificate is refused behind the handshake only, and may take up the session that this left"},
    {"resume-unproved-session", false, "TLCP: a session may be taken up although its handshake was refused at CertificateVerify"},
    {"resume-on-other-name", false, "TLCP: a session may be taken up under another server name than it was made for"},
    {"accept-forged-ticket", false, "TLCP: a session ticket is decrypted and not authenticated"},
    {"forget-client-on-resumption", false, "TLCP: whose session was taken up is not known any more"},
    {"refuse-unknown-session", true, "TLCP: a hello that offers a session which is not known is refused"},
    {"accept-other-distinguishing-id", false,
     "SM2: the identifier within Z may be any that is in use, in signatures and in the key exchange"},
    {"accept-signature-without-z", false, "SM2: a signature over SM3 of the message alone, without Z, is also accepted"},
    {"accept-other-hashing", false, "SM2: a signature over what is hashed once too often, or once too rarely, is also accepted"},
    {"accept-ecdsa-of-sm2-key", false, "an ECDSA signature made with the SM2 key is also accepted"},
    {"take-signature-error-for-success", false,
     "SM2: r or s out of its range ends the check with an error code, which is not told from success"},
    {"accept-unreduced-signature", false, "SM2: r and s are taken modulo n, and need not be from 1 to n - 1"},
    {"accept-loose-signature-encoding", false, "SM2: the bytes of r and s are read from whatever looks like two numbers, DER or not"},
    {"accept-pair-anywhere", false, "TLCP: the halves of a pair are told by their keyUsage, wherever they stand in the list"},
    {"verify-with-encryption-key", false, "TLCP: CertificateVerify may also be signed with the key of the encryption certificate"},
    {"accept-other-key-type", false, "TLCP: a key of a pair need not be of SM2"},
    {"ignore-hello-version", false, "TLS 1.2 or TLCP is chosen by the first cipher suite that is known, whatever version the hello says"},
    {"accept-other-ciphertext-form", false, "TLCP: the pre-master secret's ciphertext may also be C1C2C3, or bytes without DER"},
    {"skip-c3", false, "TLCP: C3, the check value of the pre-master secret's ciphertext, is not compared"},
    {"accept-invalid-point", false, "TLCP: a point in ClientKeyExchange need not be on the curve, nor be finite"},
    {"skip-premaster-check", false, "TLCP: the pre-master secret may have any length and begin with any version"},
    {"decrypt-with-signing-key", false, "TLCP: a pre-master secret that is encrypted to the server's signing key is also accepted"},
    {"ignore-curve-id", false, "TLCP: the curve that ClientKeyExchange names is not compared"},
    {"accept-compressed-point", false, "TLCP: the client's point may be in compressed form"},
    {"accept-signing-key-in-agreement", false, "TLCP: a key exchange with the key of the client's signing certificate is also accepted"},
    {"agree-without-certificate", false, "TLCP: in ECDHE an empty certificate_list passes, and no static key of the client takes part"},
    {"accept-other-finished-hash", false, "TLCP, TLS 1.3 with SM3: a Finished computed with SHA-256 is also accepted"},
};
const size_t mt_engine_fault_count = MT_COUNT(mt_engine_faults);
_Static_assert(MT_COUNT(mt_engine_faults) == MT_FAULTS, "a row for each fault");
_Static_assert(MT_FAULTS <= 64, "a bit for each fault");

uint64_t mt_engine_fault_bit(const char *name)
{
    for (size_t i = 0; i < mt_engine_fault_count; i++)
        if (strcmp(mt_engine_faults[i].name, name) == 0)
            return UINT64_C(1) << i;
    return 0;
}
