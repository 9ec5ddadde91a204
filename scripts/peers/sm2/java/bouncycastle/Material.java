// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Vector;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateEntry;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCertificate;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;

/** What a side is configured with, and its judgement of the other's chain. */
final class Material {
    private static final Map<String, Integer> SUITES =
        Map.of("TLS_SM4_GCM_SM3", CipherSuite.TLS_SM4_GCM_SM3, "TLS_SM4_CCM_SM3", CipherSuite.TLS_SM4_CCM_SM3);
    private static final SignatureAndHashAlgorithm SM2 = SignatureScheme.getSignatureAndHashAlgorithm(SignatureScheme.sm2sig_sm3);

    private static final String TLS13 = "UNKNOWN"; // what a JSSE provider calls the key exchange of TLS 1.3

    final JcaTlsCrypto crypto = new JcaTlsCryptoProvider().setProvider(new BouncyCastleProvider()).create(new SecureRandom());
    final boolean mutual;
    final int[] suites;
    private final Certificate[] chain;
    private final PrivateKey key;
    private final Certificate[] anchors;
    private final X509TrustManager trust;

    Material(Options o) throws GeneralSecurityException, IOException {
        mutual = o.has("mutual");
        List<Integer> ids = o.has("suite") ? List.of(SUITES.get(o.get("suite"))) : new ArrayList<>(SUITES.values());
        suites = ids.stream().mapToInt(Integer::intValue).toArray();
        chain = o.has("sign-cert") ? Pem.certificates(o.get("sign-cert")) : null;
        key = o.has("sign-cert") ? Pem.key(o.get("sign-key")) : null;
        anchors = Pem.certificates(o.get("ca"));
        trust = manager(o.get("ca"));
    }

    private static X509TrustManager manager(String ca) throws GeneralSecurityException, IOException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX", new BouncyCastleJsseProvider(new BouncyCastleProvider()));
        factory.init(Pem.anchors(ca));
        return (X509TrustManager) factory.getTrustManagers()[0];
    }

    static Vector<SignatureAndHashAlgorithm> schemes() {
        return new Vector<>(List.of(SM2));
    }

    Vector<X500Name> authorities() {
        Vector<X500Name> names = new Vector<>();
        for (Certificate anchor : anchors) {
            names.add(X500Name.getInstance(((X509Certificate) anchor).getSubjectX500Principal().getEncoded()));
        }
        return names;
    }

    /** The signer of this side, or null where it has no certificate. */
    TlsCredentials credentials(TlsContext context, byte[] requestContext) {
        if (chain == null) {
            return null;
        }
        CertificateEntry[] entries = new CertificateEntry[chain.length];
        for (int i = 0; i < chain.length; i++) {
            entries[i] = new CertificateEntry(new JcaTlsCertificate(crypto, (X509Certificate) chain[i]), null);
        }
        var message = entries(requestContext, entries);
        return new JcaDefaultTlsCredentialedSigner(new TlsCryptoParameters(context), crypto, key, message, SM2);
    }

    private static org.bouncycastle.tls.Certificate entries(byte[] requestContext, CertificateEntry[] entries) {
        return new org.bouncycastle.tls.Certificate(requestContext == null ? TlsUtils.EMPTY_BYTES : requestContext, entries);
    }

    List<X509Certificate> shown(org.bouncycastle.tls.Certificate message) throws IOException {
        List<X509Certificate> all = new ArrayList<>();
        for (int i = 0; message != null && i < message.getLength(); i++) {
            all.add(JcaTlsCertificate.convert(crypto, message.getCertificateAt(i)).getX509Certificate());
        }
        return all;
    }

    /** Throws the alert where the library's own trust manager refuses the chain. It judges path and purposes, and no host name. */
    void judge(org.bouncycastle.tls.Certificate message, boolean ofServer) throws IOException {
        X509Certificate[] sent = shown(message).toArray(new X509Certificate[0]);
        if (sent.length == 0) {
            throw new TlsFatalAlert(AlertDescription.certificate_required);
        }
        try {
            if (ofServer) {
                trust.checkServerTrusted(sent, TLS13);
            } else {
                trust.checkClientTrusted(sent, TLS13);
            }
        } catch (GeneralSecurityException refused) {
            throw new TlsFatalAlert(AlertDescription.bad_certificate, refused);
        }
    }
}
