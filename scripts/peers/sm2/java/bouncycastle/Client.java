// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.NameType;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.ServerName;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsServerCertificate;

/** The client's side of one connection. */
final class Client extends DefaultTlsClient {
    private final Material material;

    Client(Material material) {
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
    protected Vector<Integer> getSupportedGroups(Vector roles) {
        return new Vector<>(List.of(NamedGroup.curveSM2));
    }

    @Override
    public Vector<Integer> getEarlyKeyShareGroups() {
        return new Vector<>(List.of(NamedGroup.curveSM2));
    }

    @Override
    protected Vector getSupportedSignatureAlgorithms() {
        return Material.schemes();
    }

    @Override
    protected Vector<ServerName> getSNIServerNames() {
        return new Vector<>(List.of(new ServerName(NameType.host_name, "localhost".getBytes())));
    }

    @Override
    public TlsAuthentication getAuthentication() {
        return new TlsAuthentication() {
            @Override
            public void notifyServerCertificate(TlsServerCertificate sent) throws IOException {
                material.judge(sent.getCertificate(), true);
            }

            @Override
            public TlsCredentials getClientCredentials(CertificateRequest request) {
                return material.credentials(context, request.getCertificateRequestContext());
            }
        };
    }
}
