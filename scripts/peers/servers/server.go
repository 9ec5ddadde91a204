// SPDX-License-Identifier: Apache-2.0

// An HTTPS server as a Go programmer writes it: net/http and crypto/tls with one ClientAuthType.
// usage: server MODE CA RSA-CERT RSA-KEY ECC-CERT ECC-KEY; prints "ready PORT" once it listens
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
)

var modes = map[string]tls.ClientAuthType{
	"RequireAndVerifyClientCert": tls.RequireAndVerifyClientCert,
	"VerifyClientCertIfGiven":    tls.VerifyClientCertIfGiven,
	"RequireAnyClientCert":       tls.RequireAnyClientCert,
}

func pool(path string) *x509.CertPool {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		log.Fatalf("%s: no certificate", path)
	}
	return roots
}

func pair(certificate, key string) tls.Certificate {
	loaded, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		log.Fatal(err)
	}
	return loaded
}

func answer(w http.ResponseWriter, r *http.Request) {
	subject := ""
	if len(r.TLS.PeerCertificates) > 0 {
		subject = r.TLS.PeerCertificates[0].Subject.String()
	}
	fmt.Fprintf(w, "verified=%t subject=%s\n", len(r.TLS.VerifiedChains) > 0, subject)
}

func main() {
	if len(os.Args) != 7 {
		log.Fatal("usage: server MODE CA RSA-CERT RSA-KEY ECC-CERT ECC-KEY")
	}
	mode, known := modes[os.Args[1]]
	if !known {
		log.Fatalf("unknown mode %s", os.Args[1])
	}
	config := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{pair(os.Args[3], os.Args[4]), pair(os.Args[5], os.Args[6])},
		ClientAuth:   mode,
		ClientCAs:    pool(os.Args[2]),
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("ready %d\n", listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{Handler: http.HandlerFunc(answer), TLSConfig: config}
	log.Fatal(server.ServeTLS(listener, "", ""))
}
