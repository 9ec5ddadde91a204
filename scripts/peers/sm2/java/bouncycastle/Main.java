// SPDX-License-Identifier: Apache-2.0

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Security;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;

/**
 * Bouncy Castle as an HTTPS server or client over TLS 1.3 with the SM2 suites of RFC 8998, by its JSSE provider.
 * usage: Main --listen PORT | --connect HOST:PORT  [--protocol tls1.3] [--suite NAME] [--mutual]
 *        --ca FILE [--sign-cert FILE --sign-key FILE]
 * Prints "ready 127.0.0.1:PORT" once it listens, and one line of JSON for each connection.
 */
public final class Main {
    private static final String[] SUITES = {"TLS_SM4_GCM_SM3", "TLS_SM4_CCM_SM3"};
    private static final String IMPLEMENTATION = "Bouncy Castle " + new BouncyCastleJsseProvider().getVersionStr();

    private Main() { }

    private static SSLContext context(Options o) throws Exception {
        KeyStore keys = Pem.empty();
        if (o.has("sign-cert")) {
            Pem.addPair(keys, "sign", o.get("sign-cert"), o.get("sign-key"));
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX", "BCJSSE");
        managers.init(keys, Pem.PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX", "BCJSSE");
        trust.init(Pem.anchors(o.get("ca")));
        SSLContext context = SSLContext.getInstance("TLSv1.3", "BCJSSE");
        context.init(managers.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static SSLParameters parameters(Options o) {
        SSLParameters wanted = new SSLParameters(o.has("suite") ? new String[] {o.get("suite")} : SUITES, new String[] {"TLSv1.3"});
        if (o.has("connect")) {
            wanted.setEndpointIdentificationAlgorithm("HTTPS");
        } else if (o.has("mutual")) {
            wanted.setNeedClientAuth(true);
        }
        return wanted;
    }

    private static SSLSocket wrap(SSLContext context, Options o, Socket plain) throws Exception {
        plain.setSoTimeout(Http.WAIT_MS);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), false);
        socket.setUseClientMode(o.has("connect"));
        socket.setSSLParameters(parameters(o));
        return socket;
    }

    private static int talk(SSLSocket socket, boolean server) throws Exception {
        if (!server) {
            return Http.request(socket);
        }
        String verify = Seen.certificates(socket.getSession()).length > 0 ? "SUCCESS" : "NONE";
        return Http.respond(socket, "bouncycastle-peer", verify, Seen.body(socket.getSession()));
    }

    /** The handshake and what follows it; says whether all went well. */
    private static boolean converse(SSLSocket socket, boolean server) {
        String role = server ? "server" : "client";
        boolean shaken = false;
        try {
            socket.startHandshake();
            shaken = true;
            int status = talk(socket, server);
            Seen.report(role, IMPLEMENTATION, socket.getSession(), status, null);
            socket.close();
            return true;
        } catch (Exception problem) {
            String error = (shaken ? "" : "handshake: ") + Http.words(problem);
            Seen.report(role, IMPLEMENTATION, shaken ? socket.getSession() : null, 0, error);
            return false;
        }
    }

    private static void serveOne(SSLContext context, Options o, Socket plain) {
        try {
            converse(wrap(context, o, plain), true);
        } catch (Exception problem) {
            System.err.println(problem);
        }
        Http.linger(plain);
    }

    private static void serve(Options o) throws Exception {
        SSLContext context = context(o);
        try (ServerSocket listener = new ServerSocket(Integer.parseInt(o.get("listen")), 50, InetAddress.getByName("127.0.0.1"))) {
            System.out.println("ready 127.0.0.1:" + listener.getLocalPort());
            while (true) {
                Socket plain = listener.accept();
                new Thread(() -> serveOne(context, o, plain)).start();
            }
        }
    }

    private static boolean connect(Options o) throws Exception {
        String[] target = o.get("connect").split(":");
        try (Socket plain = new Socket(target[0], Integer.parseInt(target[1]))) {
            return converse(wrap(context(o), o, plain), false);
        }
    }

    public static void main(String[] args) throws Exception {
        Logger.getLogger("org.bouncycastle").setLevel(Level.OFF);
        System.setProperty("jdk.tls.namedGroups", "curvesm2");
        System.setProperty("jdk.tls.server.SignatureSchemes", "sm2sig_sm3");
        System.setProperty("jdk.tls.client.SignatureSchemes", "sm2sig_sm3");
        Security.setProperty("jdk.tls.disabledAlgorithms", "");
        Security.setProperty("jdk.certpath.disabledAlgorithms", "");
        BouncyCastleProvider primitives = new BouncyCastleProvider();
        Security.addProvider(primitives);
        Security.addProvider(new BouncyCastleJsseProvider(primitives));
        Options o = new Options(args);
        if (o.has("listen")) {
            serve(o);
        } else if (!connect(o)) {
            System.exit(1);
        }
    }
}
