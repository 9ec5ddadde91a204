// SPDX-License-Identifier: Apache-2.0

// tjfoc/gmsm as an HTTPS server or client over TLCP.
// usage: tjfoc-peer --listen PORT | --connect HOST:PORT  [--protocol tlcp] [--suite NAME] [--mutual]
//
//	--ca FILE [--sign-cert FILE --sign-key FILE --enc-cert FILE --enc-key FILE]
//
// Prints "ready 127.0.0.1:PORT" once it listens, and one line of JSON for each connection.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/tjfoc/gmsm/gmtls"
	"github.com/tjfoc/gmsm/x509"
)

const wait = 10 * time.Second

var suites = map[string]uint16{
	"ECC_SM4_CBC_SM3":   gmtls.GMTLS_SM2_WITH_SM4_SM3,
	"ECDHE_SM4_CBC_SM3": gmtls.GMTLS_ECDHE_SM2_WITH_SM4_SM3,
}

type options struct {
	listen, connect, protocol, suite, signCert, signKey, encCert, encKey, ca string
	mutual                                                                   bool
}

func parse() options {
	var o options
	for name, value := range map[string]*string{
		"listen": &o.listen, "connect": &o.connect, "protocol": &o.protocol, "suite": &o.suite, "ca": &o.ca,
		"sign-cert": &o.signCert, "sign-key": &o.signKey, "enc-cert": &o.encCert, "enc-key": &o.encKey} {
		flag.StringVar(value, name, "", "")
	}
	flag.BoolVar(&o.mutual, "mutual", false, "")
	flag.Parse()
	return o
}

func pool(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: no certificate", path)
	}
	return roots, nil
}

func pair(o options) ([]gmtls.Certificate, error) {
	if o.signCert == "" {
		return nil, nil
	}
	sign, err := gmtls.LoadX509KeyPair(o.signCert, o.signKey)
	if err != nil {
		return nil, err
	}
	encryption, err := gmtls.LoadX509KeyPair(o.encCert, o.encKey)
	if err == nil && o.listen != "" { // a server sends one list behind the other: sign, enc, and only then the issuers
		encryption.Certificate = append(encryption.Certificate[:1], sign.Certificate[1:]...)
		sign.Certificate = sign.Certificate[:1]
	}
	return []gmtls.Certificate{sign, encryption}, err
}

func configure(o options) (*gmtls.Config, error) {
	if o.protocol != "" && o.protocol != "tlcp" {
		return nil, errors.New("only tlcp is spoken")
	}
	config := &gmtls.Config{GMSupport: gmtls.NewGMSupport(), ServerName: "localhost"}
	if o.suite != "" {
		id, known := suites[o.suite]
		if !known {
			return nil, fmt.Errorf("no suite %s", o.suite)
		}
		config.CipherSuites = []uint16{id}
	}
	roots, err := pool(o.ca)
	if err != nil {
		return nil, err
	}
	config.RootCAs, config.ClientCAs = roots, roots
	if o.mutual {
		config.ClientAuth = gmtls.RequireAndVerifyClientCert
	}
	config.Certificates, err = pair(o)
	return config, err
}

func version() string {
	info, known := debug.ReadBuildInfo()
	if !known {
		return "gmsm"
	}
	for _, module := range info.Deps {
		if module.Path == "github.com/tjfoc/gmsm" {
			return "gmsm " + module.Version
		}
	}
	return "gmsm"
}

// handshake turns a panic of the library into an error: a server has to outlive it.
func handshake(c *gmtls.Conn) (err error) {
	defer func() {
		if found := recover(); found != nil {
			err = fmt.Errorf("panic: %v", found)
		}
	}()
	return c.Handshake()
}

// linger lets the peer read what was sent last: a close with unread bytes would reset the connection.
func linger(plain net.Conn) {
	if tcp, is := plain.(*net.TCPConn); is {
		tcp.CloseWrite()
	}
	plain.SetDeadline(time.Now().Add(2 * time.Second))
	io.Copy(io.Discard, io.LimitReader(plain, 1<<20))
	plain.Close()
}

func respond(c *gmtls.Conn) (int, error) {
	request, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return 0, err
	}
	io.Copy(io.Discard, io.LimitReader(request.Body, 1<<20))
	text := body(c.ConnectionState())
	verify := "NONE"
	if len(c.ConnectionState().PeerCertificates) > 0 {
		verify = "SUCCESS"
	}
	_, err = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nServer: tjfoc-peer\r\nContent-Type: application/json\r\nX-Client-Verify: %s\r\n"+
		"Content-Length: %d\r\nConnection: close\r\n\r\n%s", verify, len(text), text)
	c.CloseWrite()
	return 200, err
}

func serveOne(plain net.Conn, config *gmtls.Config) {
	defer linger(plain)
	plain.SetDeadline(time.Now().Add(wait))
	c := gmtls.Server(plain, config)
	if err := handshake(c); err != nil {
		report("server", c.ConnectionState(), 0, fmt.Errorf("handshake: %w", err))
		return
	}
	status, err := respond(c)
	report("server", c.ConnectionState(), status, err)
}

func serve(o options, config *gmtls.Config) error {
	listener, err := net.Listen("tcp", "127.0.0.1:"+o.listen)
	if err != nil {
		return err
	}
	fmt.Printf("ready %s\n", listener.Addr())
	for {
		plain, err := listener.Accept()
		if err != nil {
			return err
		}
		go serveOne(plain, config)
	}
}

func request(c *gmtls.Conn) (int, error) {
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, err
}

func connect(o options, config *gmtls.Config) error {
	plain, err := net.DialTimeout("tcp", o.connect, wait)
	if err != nil {
		return err
	}
	defer plain.Close()
	plain.SetDeadline(time.Now().Add(wait))
	c := gmtls.Client(plain, config)
	status := 0
	if err = handshake(c); err != nil {
		err = fmt.Errorf("handshake: %w", err)
	} else {
		status, err = request(c)
	}
	report("client", c.ConnectionState(), status, err)
	if err != nil {
		os.Exit(1)
	}
	return nil
}

func main() {
	o := parse()
	config, err := configure(o)
	switch {
	case err != nil:
	case o.listen != "":
		err = serve(o, config)
	case o.connect != "":
		err = connect(o, config)
	default:
		err = errors.New("one of --listen and --connect is needed")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tjfoc-peer:", err)
		os.Exit(2)
	}
}
