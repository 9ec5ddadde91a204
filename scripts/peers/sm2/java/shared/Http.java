// SPDX-License-Identifier: Apache-2.0

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** As much of HTTP/1.1 as one request with its answer needs. */
final class Http {
    static final int WAIT_MS = 10000;
    private static final int LINGER_MS = 2000;
    private static final int HEAD_MAX = 65536;
    private static final byte[] REQUEST =
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private Http() { }

    /** Reads up to the empty line, by pieces: one library gives a record only once, however little of it was asked for. */
    private static String head(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        byte[] piece = new byte[16384];
        while (text.length() < HEAD_MAX && text.indexOf("\r\n\r\n") < 0) {
            int n = in.read(piece, 0, piece.length);
            if (n < 0) {
                throw new EOFException("closed without a message");
            }
            text.append(new String(piece, 0, n, StandardCharsets.ISO_8859_1));
        }
        return text.substring(0, text.indexOf("\r\n"));
    }

    static int request(InputStream in, OutputStream out) throws IOException {
        out.write(REQUEST);
        out.flush();
        return Integer.parseInt(head(in).split(" ")[1]);
    }

    static int respond(InputStream in, OutputStream out, String server, Seen seen) throws Exception {
        head(in);
        String body = seen.body();
        String answer = "HTTP/1.1 200 OK\r\nServer: " + server + "\r\nContent-Type: application/json\r\nX-Client-Verify: "
            + (seen.chain().isEmpty() ? "NONE" : "SUCCESS") + "\r\nContent-Length: " + body.length()
            + "\r\nConnection: close\r\n\r\n" + body;
        out.write(answer.getBytes(StandardCharsets.US_ASCII));
        out.flush();
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
