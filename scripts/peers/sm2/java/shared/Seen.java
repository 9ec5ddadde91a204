// SPDX-License-Identifier: Apache-2.0

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

/** What one side saw, as the JSON body of an answer and as the line that a peer prints for each connection. */
record Seen(String protocol, String suite, List<X509Certificate> chain) {
    static final Seen NOTHING = new Seen("", "", List.of());

    private static String quote(String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c < ' ') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c == '"' || c == '\\' ? "\\" : "").append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static String describe(X509Certificate x) throws GeneralSecurityException {
        BigInteger serial = x.getSerialNumber();
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(x.getEncoded());
        return "{\"subject\": " + quote(x.getSubjectX500Principal().getName()) + ", \"issuer\": "
            + quote(x.getIssuerX500Principal().getName()) + ", \"serial\": " + quote(serial.toString(16))
            + ", \"fingerprint_sha256\": " + quote(HexFormat.of().formatHex(digest)) + "}";
    }

    String body() throws GeneralSecurityException {
        return "{\"verified\": " + !chain.isEmpty() + ", \"certificate\": " + (chain.isEmpty() ? "null" : describe(chain.get(0)))
            + ", \"protocol\": " + quote(protocol) + ", \"cipher\": " + quote(suite) + ", \"verify_error\": 0, \"sni\": null}\n";
    }

    /** Prints the line; `status` means nothing where `error` tells why there is none. */
    void report(String role, String implementation, int status, String error) {
        String subject = chain.isEmpty() ? null : chain.get(0).getSubjectX500Principal().getName();
        System.out.println("{\"role\": " + quote(role) + ", \"implementation\": " + quote(implementation) + ", \"protocol\": "
            + quote(protocol) + ", \"suite\": " + quote(suite) + ", \"peer_subject\": " + quote(subject) + ", \"peer_certificates\": "
            + chain.size() + ", \"status\": " + (error == null ? status : "null") + ", \"error\": " + quote(error) + "}");
    }
}
