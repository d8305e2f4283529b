package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// connect opens what a request to target is written to: TCP, the CONNECT tunnel where there is a proxy, TLS.
func connect(o *options, target *url.URL, protocol string) (net.Conn, error) {
	deadline := time.Now().Add(o.timeout)
	raw, err := net.DialTimeout("tcp", o.dial, o.timeout)
	if err != nil || target.Scheme == "http" {
		return raw, err
	}
	_ = raw.SetDeadline(deadline)
	if o.proxy {
		if err := tunnel(raw, target.Host); err != nil {
			raw.Close()
			return nil, err
		}
	}
	// The certificates are the proxies' own; what is measured is the handshake, not whom it trusts.
	secure := tls.Client(raw, &tls.Config{ServerName: target.Hostname(), NextProtos: []string{protocol}, InsecureSkipVerify: true})
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, fmt.Errorf("TLS: %w", err)
	}
	if got := secure.ConnectionState().NegotiatedProtocol; protocol == "h2" && got != "h2" {
		raw.Close()
		return nil, errors.New("h2 is not spoken here")
	}
	_ = raw.SetDeadline(time.Time{})
	return secure, nil
}

// tunnel asks a proxy for one. The client speaks first in TLS, so nothing can follow the answer's blank line yet.
func tunnel(conn net.Conn, authority string) error {
	if _, err := io.WriteString(conn, "CONNECT "+authority+" HTTP/1.1\r\nHost: "+authority+"\r\n\r\n"); err != nil {
		return fmt.Errorf("CONNECT: %w", err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return fmt.Errorf("CONNECT: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("CONNECT: %s", answer.Status)
	}
	return nil
}
