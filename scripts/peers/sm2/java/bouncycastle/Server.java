// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsUtils;

/** The server's side of one connection. */
final class Server extends DefaultTlsServer {
    private final Material material;

    Server(Material material) {
        super(material.crypto);
        this.material = material;
    }

    Seen seen() throws IOException {
        return Main.seen(material, context.getSecurityParametersConnection());
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.TLSv13.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return material.suites;
    }

    @Override
    public int[] getSupportedGroups() {
        return new int[] {NamedGroup.curveSM2};
    }

    @Override
    public TlsCredentials getCredentials() {
        return material.credentials(context, null);
    }

    @Override
    public CertificateRequest getCertificateRequest() throws IOException {
        return material.mutual ? new CertificateRequest(TlsUtils.EMPTY_BYTES, Material.schemes(), null, material.authorities()) : null;
    }

    @Override
    public void notifyClientCertificate(Certificate message) throws IOException {
        material.judge(message, false);
    }
}
