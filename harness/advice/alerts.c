// SPDX-License-Identifier: Apache-2.0
#include "advice/advice.h"

#include "wire/codes.h"

/* What the stacks send was read in their sources and seen on the wire in 2026: OpenSSL 3.0, GnuTLS 3.7, Go 1.19, BoringSSL,
 * Mbed TLS, s2n. */
static const mt_alert_advice alerts[] = {
    {MT_ALERT_CLOSE_NOTIFY, "The sender will write no more. It is no error by itself.",
        "s2n, and so edges built on it, answers every bad client certificate with close_notify and keeps the reason to itself.",
        "Where it comes right after the client's Finished, take it for a refusal and look into the server's log."},
    {MT_ALERT_UNEXPECTED_MESSAGE, "A message came that has no place at this point of the handshake.",
        "All stacks, for a certificate that was not asked for, a CertificateVerify out of its place, a message left out.",
        "A real client that gets it has a bug, or something between client and server changes the stream."},
    {MT_ALERT_BAD_RECORD_MAC, "A record could not be decrypted.",
        "Seen when the two sides derived other keys, for example after a handshake that was tampered with.",
        "With real clients look for a proxy in between, or faulty hardware."},
    {MT_ALERT_HANDSHAKE_FAILURE, "No acceptable set of parameters, or in TLS 1.2 no certificate where one is required (RFC 5246 7.4.6).",
        "OpenSSL and BoringSSL send it in TLS 1.2 for a missing client certificate, OpenSSL also when the scheme of CertificateVerify "
        "was not offered.",
        "Without a certificate: give the client one. With one: compare its key with the schemes that the server lists."},
    {41, "no_certificate: a word of SSL 3.0 that TLS dropped.", "Mbed TLS sends it in TLS 1.3 for a missing client certificate.",
        "As for certificate_required."},
    {MT_ALERT_BAD_CERTIFICATE, "A certificate is damaged, or a signature under it does not verify (RFC 8446 6.2).",
        "Go sends it for every refusal of a client certificate, whatever the reason. OpenSSL sends it for weak keys and hashes, and for "
        "certificates that are not valid yet.",
        "Behind Go read the server's log; behind OpenSSL look at key size, hash and notBefore."},
    {MT_ALERT_UNSUPPORTED_CERTIFICATE, "The certificate is of a kind that does not serve here.",
        "OpenSSL, BoringSSL and Mbed TLS send it when extendedKeyUsage lacks clientAuth or keyUsage lacks digitalSignature.",
        "A server's certificate used by a client is the usual cause: openssl x509 -noout -ext extendedKeyUsage,keyUsage -in client.pem"},
    {MT_ALERT_CERTIFICATE_REVOKED, "The issuer revoked the certificate.", "OpenSSL, GnuTLS and others that read CRLs or OCSP.",
        "Ask the CA; after a mistake the certificate has to be issued anew."},
    {MT_ALERT_CERTIFICATE_EXPIRED, "A certificate of the chain is not valid now: over, or not begun (RFC 8446 6.2).",
        "Most stacks when it is over. Not begun: BoringSSL says the same, OpenSSL bad_certificate, Mbed TLS certificate_unknown.",
        "Check the dates of leaf and intermediates, then the clocks of both machines."},
    {MT_ALERT_CERTIFICATE_UNKNOWN, "Some other reason not to accept the certificate.",
        "OpenSSL sends it for unknown critical extensions, name constraints and policies; BoringSSL for weak keys and when a callback "
        "refuses.",
        "The alert hides the reason: the server's log has it."},
    {MT_ALERT_ILLEGAL_PARAMETER, "A field has a value that contradicts the others or the RFC.",
        "All stacks, for a signature scheme that does not fit the key, or PKCS#1 in TLS 1.3.",
        "With real clients a smart card or HSM whose driver cannot do PSS is the usual cause in TLS 1.3."},
    {MT_ALERT_UNKNOWN_CA, "The chain does not end at a CA that the receiver trusts, or it has a gap.",
        "OpenSSL sends it for everything about the path: no issuer, self-signed, not a CA, too deep. Mbed TLS also for bad signatures.",
        "Send the intermediates with the leaf; install the right root at the server; compare with the CA names in its request."},
    {MT_ALERT_ACCESS_DENIED, "The certificate is valid, and its owner may not enter.",
        "gnutls-serv sends it for every bad client certificate, Mbed TLS when the application's callback refuses or the chain is too deep.",
        "Look at the rules for subjects at the target."},
    {MT_ALERT_DECODE_ERROR, "A message could not be read: a length is wrong, or bytes are left over.",
        "OpenSSL and BoringSSL send it also for certificates that are no DER.",
        "With real clients: is the file DER where PEM is wanted, or cut off?"},
    {MT_ALERT_DECRYPT_ERROR, "A signature or Finished of the handshake does not verify.",
        "All stacks for a bad CertificateVerify; OpenSSL and BoringSSL also for a bad signature under a certificate.",
        "Does the private key belong to the certificate? Compare: openssl x509 -pubkey -noout -in client.pem, openssl pkey -pubout "
        "-in client.key"},
    {MT_ALERT_PROTOCOL_VERSION, "No common version of TLS.", "All stacks.", "Compare the versions that the two sides allow."},
    {MT_ALERT_INSUFFICIENT_SECURITY, "The offer is weaker than what the receiver demands.", "Rare.", "Offer stronger suites or keys."},
    {MT_ALERT_INTERNAL_ERROR, "Something went wrong at the sender that has nothing to do with the peer.",
        "GnuTLS sends it in TLS 1.3 for some client certificates that it does not like; OpenSSL when a callback fails.",
        "Read the server's log."},
    {MT_ALERT_NO_RENEGOTIATION, "A renegotiation is declined.",
        "Clients send it to servers that ask for a certificate only after they saw the path of the request.",
        "Ask in the first handshake, or use TLS 1.3 and post-handshake authentication where both sides have it."},
    {MT_ALERT_MISSING_EXTENSION, "An extension that must be there is not.",
        "For a CertificateRequest without signature_algorithms in TLS 1.3.",
        "A bug of the sender's peer."},
    {MT_ALERT_UNSUPPORTED_EXTENSION, "An extension came that was not asked for.",
        "For extensions in the client's Certificate that the request did not carry.", "A bug of the sender's peer."},
    {MT_ALERT_UNRECOGNIZED_NAME, "The server has no host of the name in SNI.", "Java and some edges; others serve their default host.",
        "Check the name, or --sni; an address in place of a name sends no SNI."},
    {MT_ALERT_CERTIFICATE_REQUIRED, "TLS 1.3: a client certificate is required and none was sent (RFC 8446 6.2).",
        "OpenSSL, BoringSSL, GnuTLS and haproxy, after the handshake: the client had finished already. Go sends bad_certificate, Mbed TLS "
        "no_certificate, nginx HTTP 400.",
        "The client has no certificate configured, or none that fits the server's CA names and schemes, so that its library kept silent."},
    {MT_ALERT_NO_APPLICATION_PROTOCOL, "No common protocol in ALPN.", "All stacks.", "Offer http/1.1, or what the server speaks."},
};

const mt_alert_advice *mt_advice_of_alert(unsigned alert)
{
    for (size_t i = 0; i < MT_COUNT(alerts); i++)
        if (alerts[i].alert == alert)
            return &alerts[i];
    return NULL;
}
