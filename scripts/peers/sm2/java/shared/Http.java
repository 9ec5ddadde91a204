// SPDX-License-Identifier: Apache-2.0

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/** As much of HTTP/1.1 as one request with its answer needs. */
final class Http {
    static final int WAIT_MS = 10000;
    private static final int LINGER_MS = 2000;
    private static final int HEAD_MAX = 65536;
    private static final byte[] REQUEST =
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private Http() { }

    /** Reads up to the empty line and returns the first one. */
    private static String head(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.length() < HEAD_MAX && text.indexOf("\r\n\r\n") < 0) {
            int c = in.read();
            if (c < 0) {
                throw new EOFException("closed without a message");
            }
            text.append((char) c);
        }
        return text.substring(0, text.indexOf("\r\n"));
    }

    static int request(SSLSocket socket) throws IOException {
        socket.getOutputStream().write(REQUEST);
        socket.getOutputStream().flush();
        return Integer.parseInt(head(socket.getInputStream()).split(" ")[1]);
    }

    static int respond(SSLSocket socket, String server, String verify, String body) throws IOException {
        head(socket.getInputStream());
        String answer = "HTTP/1.1 200 OK\r\nServer: " + server + "\r\nContent-Type: application/json\r\nX-Client-Verify: " + verify
            + "\r\nContent-Length: " + body.length() + "\r\nConnection: close\r\n\r\n" + body;
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return 200;
    }

    /** Lets the peer read what was sent last: a close with unread bytes would reset the connection. */
    static void linger(Socket plain) {
        try (plain) {
            plain.setSoTimeout(LINGER_MS);
            if (!plain.isOutputShutdown()) {
                plain.shutdownOutput();
            }
            byte[] rest = new byte[4096];
            while (plain.getInputStream().read(rest) > 0) {
                continue;
            }
        } catch (IOException gone) {
            return;
        }
    }

    /** What went wrong, with the reasons behind it. */
    static String words(Throwable problem) {
        StringBuilder text = new StringBuilder(String.valueOf(problem));
        for (Throwable cause = problem.getCause(); cause != null; cause = cause.getCause()) {
            text.append("; ").append(cause);
        }
        return text.toString();
    }
}
