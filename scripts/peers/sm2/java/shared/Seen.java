// SPDX-License-Identifier: Apache-2.0

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** What one side saw, as the JSON body of an answer and as the line that a peer prints for each connection. */
final class Seen {
    private Seen() { }

    static String quote(String text) {
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

    static X509Certificate[] certificates(SSLSession session) {
        try {
            Certificate[] shown = session.getPeerCertificates();
            X509Certificate[] chain = new X509Certificate[shown == null ? 0 : shown.length];
            for (int i = 0; i < chain.length; i++) {
                chain[i] = (X509Certificate) shown[i];
            }
            return chain;
        } catch (SSLPeerUnverifiedException none) {
            return new X509Certificate[0];
        }
    }

    private static String describe(X509Certificate x) throws GeneralSecurityException {
        BigInteger serial = x.getSerialNumber();
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(x.getEncoded());
        return "{\"subject\": " + quote(x.getSubjectX500Principal().getName()) + ", \"issuer\": "
            + quote(x.getIssuerX500Principal().getName()) + ", \"serial\": " + quote(serial.toString(16))
            + ", \"fingerprint_sha256\": " + quote(HexFormat.of().formatHex(digest)) + "}";
    }

    static String body(SSLSession session) throws GeneralSecurityException {
        X509Certificate[] chain = certificates(session);
        return "{\"verified\": " + (chain.length > 0) + ", \"certificate\": " + (chain.length > 0 ? describe(chain[0]) : "null")
            + ", \"protocol\": " + quote(session.getProtocol()) + ", \"cipher\": " + quote(session.getCipherSuite())
            + ", \"verify_error\": 0, \"sni\": null}\n";
    }

    /** Prints the line; `status` is 0 where `error` tells why there is none. */
    static void report(String role, String implementation, SSLSession session, int status, String error) {
        X509Certificate[] chain = session == null ? new X509Certificate[0] : certificates(session);
        System.out.println("{\"role\": " + quote(role) + ", \"implementation\": " + quote(implementation) + ", \"protocol\": "
            + quote(session == null ? "" : session.getProtocol()) + ", \"suite\": "
            + quote(session == null ? "" : session.getCipherSuite()) + ", \"peer_subject\": "
            + quote(chain.length > 0 ? chain[0].getSubjectX500Principal().getName() : null) + ", \"peer_certificates\": " + chain.length
            + ", \"status\": " + (error == null ? status : "null") + ", \"error\": " + quote(error) + "}");
    }
}
