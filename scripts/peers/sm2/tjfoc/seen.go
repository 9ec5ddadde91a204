// SPDX-License-Identifier: Apache-2.0
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/tjfoc/gmsm/gmtls"
	"github.com/tjfoc/gmsm/x509"
)

type certificate struct {
	Subject     string `json:"subject"`
	Issuer      string `json:"issuer"`
	Serial      string `json:"serial"`
	Fingerprint string `json:"fingerprint_sha256"`
}

// identity is the JSON body of an answer.
type identity struct {
	Verified    bool         `json:"verified"`
	Certificate *certificate `json:"certificate"`
	Protocol    string       `json:"protocol"`
	Cipher      string       `json:"cipher"`
	VerifyError int          `json:"verify_error"`
	SNI         *string      `json:"sni"`
}

// line is what is printed for each connection.
type line struct {
	Role             string  `json:"role"`
	Implementation   string  `json:"implementation"`
	Protocol         string  `json:"protocol"`
	Suite            string  `json:"suite"`
	PeerSubject      *string `json:"peer_subject"`
	PeerCertificates int     `json:"peer_certificates"`
	Status           *int    `json:"status"`
	Error            *string `json:"error"`
}

func describe(x *x509.Certificate) *certificate {
	digest := sha256.Sum256(x.Raw)
	return &certificate{x.Subject.String(), x.Issuer.String(), hex.EncodeToString(x.SerialNumber.Bytes()), hex.EncodeToString(digest[:])}
}

func protocolName(version uint16) string {
	if version == gmtls.VersionGMSSL {
		return "TLCP"
	}
	return fmt.Sprintf("%04x", version)
}

func suiteName(id uint16) string {
	for name, value := range suites {
		if value == id {
			return name
		}
	}
	return fmt.Sprintf("%04x", id)
}

func body(state gmtls.ConnectionState) string {
	seen := identity{Protocol: protocolName(state.Version), Cipher: suiteName(state.CipherSuite)}
	if len(state.PeerCertificates) > 0 {
		seen.Verified = len(state.VerifiedChains) > 0
		seen.Certificate = describe(state.PeerCertificates[0])
	}
	if state.ServerName != "" {
		seen.SNI = &state.ServerName
	}
	text, err := json.Marshal(seen)
	if err != nil {
		panic(err)
	}
	return string(text) + "\n"
}

func report(role string, state gmtls.ConnectionState, status int, problem error) {
	seen := line{Role: role, Implementation: version(), Protocol: protocolName(state.Version), Suite: suiteName(state.CipherSuite),
		PeerCertificates: len(state.PeerCertificates)}
	if len(state.PeerCertificates) > 0 {
		subject := state.PeerCertificates[0].Subject.String()
		seen.PeerSubject = &subject
	}
	if problem != nil {
		text := problem.Error()
		seen.Error = &text
	} else {
		seen.Status = &status
	}
	if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
		fmt.Fprintln(os.Stderr, "tjfoc-peer:", err)
	}
}
