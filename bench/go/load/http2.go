package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// newHTTP2 returns what does one request over HTTP/2; all calls share one connection.
func newHTTP2(o *options, target *url.URL) (get func() (int64, error), end func()) {
	transport := &http.Transport{
		ForceAttemptHTTP2: true,
		DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			return connect(o, target, "h2")
		},
	}
	client := &http.Client{Transport: transport, Timeout: o.timeout}
	return func() (int64, error) {
		answer, err := client.Get(target.String())
		if err != nil {
			return 0, err
		}
		defer answer.Body.Close()
		n, err := io.Copy(io.Discard, answer.Body)
		if err == nil && answer.ProtoMajor != 2 {
			err = fmt.Errorf("answered by %s, not HTTP/2", answer.Proto)
		}
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %s", answer.Status)
		}
		return n, err
	}, transport.CloseIdleConnections
}
