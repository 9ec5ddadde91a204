// SPDX-License-Identifier: Apache-2.0

import com.aliyun.gmsse.GMProvider;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Alibaba's gmsse as an HTTPS client over TLCP. It has neither a server nor any suite but ECC_SM4_CBC_SM3.
 * usage: Main --connect HOST:PORT  [--protocol tlcp] [--suite ECC_SM4_CBC_SM3]
 *        --ca FILE [--sign-cert FILE --sign-key FILE --enc-cert FILE --enc-key FILE]
 * Prints one line of JSON for its connection.
 */
public final class Main {
    private static final String SUITE = "ECC_SM4_CBC_SM3";
    private static final Provider GM = new GMProvider();
    private static final String IMPLEMENTATION = "gmsse, provider version " + GM.getVersionStr();

    private Main() { }

    private static KeyManager[] keys(Options o) throws Exception {
        if (!o.has("sign-cert")) {
            return null;
        }
        KeyStore pair = Pem.empty();
        Pem.addPair(pair, "sign", o.get("sign-cert"), o.get("sign-key"));
        Pem.addPair(pair, "enc", o.get("enc-cert"), o.get("enc-key"));
        KeyManagerFactory managers = KeyManagerFactory.getInstance("SunX509");
        managers.init(pair, Pem.PASSWORD);
        return managers.getKeyManagers();
    }

    private static SSLContext context(Options o) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance("X509", GM);
        trust.init(Pem.anchors(o.get("ca")));
        SSLContext context = SSLContext.getInstance("TLS", GM);
        context.init(keys(o), trust.getTrustManagers(), null);
        return context;
    }

    private static Seen seen(SSLSession session) throws SSLPeerUnverifiedException {
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate one : session.getPeerCertificates()) {
            chain.add((X509Certificate) one);
        }
        return new Seen("TLCP", session.getCipherSuite().equals("ECC-SM2-WITH-SM4-SM3") ? SUITE : session.getCipherSuite(), chain);
    }

    /** Says whether all went well. */
    private static boolean connect(Options o) throws Exception {
        String[] target = o.get("connect").split(":");
        boolean shaken = false;
        SSLSocket socket = null;
        try {
            socket = (SSLSocket) context(o).getSocketFactory().createSocket(target[0], Integer.parseInt(target[1]));
            socket.setSoTimeout(Http.WAIT_MS);
            socket.startHandshake();
            shaken = true;
            int status = Http.request(socket.getInputStream(), socket.getOutputStream());
            seen(socket.getSession()).report("client", IMPLEMENTATION, status, null);
            return true;
        } catch (Exception problem) {
            String error = (shaken ? "" : "handshake: ") + Http.words(problem);
            (shaken ? seen(socket.getSession()) : Seen.NOTHING).report("client", IMPLEMENTATION, 0, error);
            return false;
        }
    }

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        Options o = new Options(args);
        if (!o.has("connect") || o.has("suite") && !o.get("suite").equals(SUITE)) {
            throw new IllegalArgumentException("gmsse is a client with one suite, " + SUITE);
        }
        if (!connect(o)) {
            System.exit(1);
        }
    }
}
