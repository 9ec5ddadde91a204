// SPDX-License-Identifier: Apache-2.0
#include "advice/advice.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { TERM_MIN = 4 };

/* What people see when a client certificate was refused, in the words of the programs that say it. */
const mt_term_advice mt_term_advices[] = {
    {"Empty reply from server", "curl: (52)|closed after the handshake",
        "curl's words for a connection that the server closed after the handshake without an answer. nginx's stream module refuses a "
        "client certificate in this way, and so does every server that closes without an alert.",
        "Ask with and without a certificate: if only the good one gets an answer, this is the refusal. The server's log has the reason."},
    {"No required SSL certificate was sent", NULL,
        "nginx with ssl_verify_client on: the handshake is done, and the answer is HTTP 400 because the client sent no certificate.",
        "Give the client a certificate. If it has one, its library found none that fits the CA names of the server's request."},
    {"The SSL certificate error", "400 The SSL certificate",
        "nginx: a certificate was sent and did not verify; the answer is HTTP 400.",
        "nginx writes the reason to its error log at level info: client SSL certificate verify error, with OpenSSL's number."},
    {"tlsv13 alert certificate required", "certificate required",
        "Alert 116: the server requires a client certificate and got none. In TLS 1.3 it arrives after the client thought it was through.",
        "See: mtlspec explain alert 116"},
    {"getpeername() failed with errno 107", "errno 107|Transport endpoint is not connected|curl: (55)",
        "curl over HTTP/2 and TLS 1.3: the server refused and closed; curl failed when writing and never read the alert that had arrived.",
        "Repeat with --http1.1 to see the alert, or read the server's log."},
    {"connection reset by peer", "ECONNRESET|broken pipe|EPIPE|SSL_ERROR_SYSCALL",
        "Right after a TLS 1.3 handshake this is often a refused client certificate: the server closed with unread data, and the reset "
        "overtook the alert.",
        "Try once more, reading before writing; in TLS 1.2 the same refusal comes inside the handshake and is not lost."},
    {"Verify return code: 0 (ok)", "verify return",
        "openssl s_client says this about the server's chain. It says nothing about whether the server accepted yours.",
        "Look for an alert, or send a request and read the answer."},
    {"unable to get local issuer certificate", "verify error 20|error:num=20|unable to verify the first certificate|verify error 21",
        "OpenSSL's words for a chain with a gap: the issuer of a certificate was neither sent nor installed.",
        "Send the intermediates with the leaf (nearest issuer first), or install the right root."},
    {"unsuitable certificate purpose", "unsupported certificate purpose|verify error 26",
        "The certificate is not for this use: for a client extendedKeyUsage must allow clientAuth, and keyUsage digitalSignature.",
        "openssl x509 -noout -purpose -in client.pem"},
    {"self-signed certificate in certificate chain", "self signed certificate|verify error 18|verify error 19",
        "The chain ends in a self-signed certificate that the verifier does not trust.",
        "Install that root at the verifier, if it is yours."},
    {"optional_no_ca", "ignore-err|RequireAnyClientCert|verify=FAILED",
        "The server asks for certificates and leaves judging them to the application behind it. TLS then lets everybody in.",
        "The application has to look at the result (nginx: $ssl_client_verify, haproxy: ssl_c_verify), or verification be switched on."},
    {"Bad certificate", "remote error: tls: bad certificate",
        "Go's word for every refused client certificate (alert 42), whatever the reason.",
        "Go's server writes the reason to its error log."},
    {"PKIX path building failed", "CertPathBuilderException|unable to find valid certification path",
        "Java found no path from the certificate to its trust store.", "Send the intermediates; put the root into the trust store."},
};
const size_t mt_term_advice_count = MT_COUNT(mt_term_advices);

/* Whether the `len` characters at `part` stand somewhere in `whole`. */
static bool stands_in(const char *part, size_t len, const char *whole)
{
    for (const char *at = whole; len > 0 && strlen(at) >= len; at++) {
        size_t same = 0;
        while (same < len && tolower((unsigned char)at[same]) == tolower((unsigned char)part[same]))
            same++;
        if (same == len)
            return true;
    }
    return false;
}

static bool is_about(const mt_term_advice *row, const char *text)
{
    if (strlen(text) >= TERM_MIN && (stands_in(text, strlen(text), row->term) || (row->also && stands_in(text, strlen(text), row->also))))
        return true;
    if (stands_in(row->term, strlen(row->term), text))
        return true;
    for (const char *word = row->also; word != NULL && *word != 0;) {
        size_t len = strcspn(word, "|");
        if (stands_in(word, len, text))
            return true;
        word += len + (word[len] == '|');
    }
    return false;
}

const mt_term_advice *mt_advice_of_term(const char *text)
{
    for (size_t i = 0; i < mt_term_advice_count; i++)
        if (is_about(&mt_term_advices[i], text))
            return &mt_term_advices[i];
    return NULL;
}
