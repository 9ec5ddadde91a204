// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;

/** Reads PEM files by the classes of the Bouncy Castle provider, which knows the curve of SM2. */
final class Pem {
    static final char[] PASSWORD = "secret".toCharArray();

    private Pem() { }

    static Certificate[] certificates(String path) throws GeneralSecurityException, IOException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509", "BC");
        try (var in = Files.newInputStream(Path.of(path))) {
            Collection<? extends Certificate> all = factory.generateCertificates(in);
            return all.toArray(new Certificate[0]);
        }
    }

    static PrivateKey key(String path) throws GeneralSecurityException, IOException {
        String text = Files.readString(Path.of(path)).replaceAll("-----[A-Z ]+-----", "");
        byte[] der = Base64.getMimeDecoder().decode(text);
        return KeyFactory.getInstance("EC", "BC").generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12", "BC");
        store.load(null, PASSWORD);
        return store;
    }

    static KeyStore anchors(String path) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        int number = 0;
        for (Certificate root : certificates(path)) {
            store.setCertificateEntry("root" + number++, root);
        }
        return store;
    }

    static void addPair(KeyStore store, String name, String certificate, String key) throws GeneralSecurityException, IOException {
        store.setKeyEntry(name, key(key), PASSWORD, certificates(certificate));
    }
}
