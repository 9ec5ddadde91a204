// SPDX-License-Identifier: Apache-2.0

import com.aliyun.gmsse.GMProvider;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
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
    private static final Provider GM = new GMProvider();
    private static final String IMPLEMENTATION = "gmsse " + GM.getVersionStr();

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
            int status = Http.request(socket);
            Seen.report("client", IMPLEMENTATION, socket.getSession(), status, null);
            return true;
        } catch (Exception problem) {
            String error = (shaken ? "" : "handshake: ") + Http.words(problem);
            Seen.report("client", IMPLEMENTATION, shaken ? socket.getSession() : null, 0, error);
            return false;
        }
    }

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        Options o = new Options(args);
        if (!o.has("connect") || o.has("suite") && !o.get("suite").equals("ECC_SM4_CBC_SM3")) {
            throw new IllegalArgumentException("gmsse is a client with the suite ECC_SM4_CBC_SM3 alone");
        }
        if (!connect(o)) {
            System.exit(1);
        }
    }
}
