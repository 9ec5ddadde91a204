// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.Security;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.SecurityParameters;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.TlsProtocol;
import org.bouncycastle.tls.TlsServerProtocol;

/**
 * Bouncy Castle as an HTTPS server or client over TLS 1.3 with the SM2 suites of RFC 8998. By its own API: its JSSE provider finds no
 * credentials with a key on the curve of SM2 (bc-java issue 2416).
 * usage: Main --listen PORT | --connect HOST:PORT  [--protocol tls1.3] [--suite NAME] [--mutual]
 *        --ca FILE [--sign-cert FILE --sign-key FILE]
 * Prints "ready 127.0.0.1:PORT" once it listens, and one line of JSON for each connection.
 */
public final class Main {
    private static final String IMPLEMENTATION = "Bouncy Castle TLS " + new BouncyCastleJsseProvider().getVersionStr();

    private Main() { }

    /** One side: the handshake, and what is known after it. */
    private interface Side {
        void shake() throws IOException;

        Seen seen() throws IOException;
    }

    static Seen seen(Material material, SecurityParameters parameters) throws IOException {
        String suite = parameters.getCipherSuite() == CipherSuite.TLS_SM4_CCM_SM3 ? "TLS_SM4_CCM_SM3" : "TLS_SM4_GCM_SM3";
        return new Seen("TLSv1.3", suite, material.shown(parameters.getPeerCertificate()));
    }

    /** The handshake and what follows it; says whether all went well. */
    private static boolean converse(String role, TlsProtocol protocol, Side side) {
        Seen seen = Seen.NOTHING;
        boolean shaken = false;
        try {
            side.shake();
            shaken = true;
            seen = side.seen();
            int status = role.equals("client") ? Http.request(protocol.getInputStream(), protocol.getOutputStream())
                : Http.respond(protocol.getInputStream(), protocol.getOutputStream(), "bouncycastle-peer", seen);
            seen.report(role, IMPLEMENTATION, status, null);
            protocol.close();
            return true;
        } catch (Exception problem) {
            seen.report(role, IMPLEMENTATION, 0, (shaken ? "" : "handshake: ") + Http.words(problem));
            return false;
        }
    }

    private static boolean accept(Material material, Socket plain) throws IOException {
        TlsServerProtocol protocol = new TlsServerProtocol(plain.getInputStream(), plain.getOutputStream());
        Server server = new Server(material);
        return converse("server", protocol, new Side() {
            @Override
            public void shake() throws IOException {
                protocol.accept(server);
            }

            @Override
            public Seen seen() throws IOException {
                return server.seen();
            }
        });
    }

    private static boolean connect(Material material, Socket plain) throws IOException {
        TlsClientProtocol protocol = new TlsClientProtocol(plain.getInputStream(), plain.getOutputStream());
        Client client = new Client(material);
        return converse("client", protocol, new Side() {
            @Override
            public void shake() throws IOException {
                protocol.connect(client);
            }

            @Override
            public Seen seen() throws IOException {
                return client.seen();
            }
        });
    }

    private static void serveOne(Material material, Socket plain) {
        try {
            plain.setSoTimeout(Http.WAIT_MS);
            accept(material, plain);
        } catch (IOException problem) {
            System.err.println(problem);
        }
        Http.linger(plain);
    }

    private static void serve(Options o) throws Exception {
        Material material = new Material(o);
        try (ServerSocket listener = new ServerSocket(Integer.parseInt(o.get("listen")), 50, InetAddress.getByName("127.0.0.1"))) {
            System.out.println("ready 127.0.0.1:" + listener.getLocalPort());
            while (true) {
                Socket plain = listener.accept();
                new Thread(() -> serveOne(material, plain)).start();
            }
        }
    }

    private static boolean connect(Options o) throws Exception {
        String[] target = o.get("connect").split(":");
        try (Socket plain = new Socket(target[0], Integer.parseInt(target[1]))) {
            plain.setSoTimeout(Http.WAIT_MS);
            return connect(new Material(o), plain);
        }
    }

    public static void main(String[] args) throws Exception {
        Logger.getLogger("org.bouncycastle").setLevel(Level.WARNING);
        Security.addProvider(new BouncyCastleProvider());
        Options o = new Options(args);
        if (o.has("listen")) {
            serve(o);
        } else if (!connect(o)) {
            System.exit(1);
        }
    }
}
