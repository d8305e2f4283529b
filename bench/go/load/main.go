// load asks one URL again and again, directly, through a TCP forwarder, or through a forward proxy, and says how it went.
//
// It prints two lines of JSON: {"measuring":true} when the warm-up is over, and the result. -dial says where TCP
// connections go, whatever host the URL names, so no name has to resolve on the client's side. It stays until its stdin
// ends: the bench can read meanwhile what it cost, and it cannot outlive the bench.
//
// http-mitm-proxy 1.1.0 signs half of its certificates with a negative serial number, which Go refuses unless told otherwise:

//go:debug x509negativeserial=1
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"
)

type options struct {
	url         *url.URL
	dial        string
	proxy       bool
	fresh       bool
	h2          bool
	concurrency int
	warmUp      time.Duration
	duration    time.Duration
	count       int
	hosts       int
	warmHost    string
	timeout     time.Duration
}

type result struct {
	Requests     int     `json:"requests"`
	Errors       int     `json:"errors"`
	FirstError   string  `json:"firstError,omitempty"`
	Seconds      float64 `json:"seconds"`
	PerSecond    float64 `json:"perSecond"`
	BodyBytes    int64   `json:"bodyBytes"`
	P50Ms        float64 `json:"p50Ms"`
	P99Ms        float64 `json:"p99Ms"`
	MaxMs        float64 `json:"maxMs"`
	WarmRequests int     `json:"warmRequests,omitempty"`
	WarmErrors   int     `json:"warmErrors,omitempty"`
	WarmP50Ms    float64 `json:"warmP50Ms,omitempty"`
	WarmMaxMs    float64 `json:"warmMaxMs,omitempty"`
}

func main() {
	o := parse()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	var r result
	switch {
	case o.hosts > 0:
		r = coldHosts(o)
	default:
		r = steady(o)
	}
	must(json.NewEncoder(os.Stdout).Encode(r))
	select {}
}

func parse() options {
	var o options
	raw := flag.String("url", "", "http:// or https:// URL; with -hosts, N in its host becomes the host's number")
	flag.StringVar(&o.dial, "dial", "", "HOST:PORT that TCP connections go to")
	flag.BoolVar(&o.proxy, "proxy", false, "-dial is a forward proxy: absolute form for http, CONNECT for https")
	flag.BoolVar(&o.fresh, "fresh", false, "a new connection for each request")
	flag.BoolVar(&o.h2, "h2", false, "HTTP/2 by ALPN, all workers on one connection")
	flag.IntVar(&o.concurrency, "c", 1, "concurrent workers")
	flag.DurationVar(&o.warmUp, "warm-up", 500*time.Millisecond, "requests that do not count yet, on the same connections")
	flag.DurationVar(&o.duration, "for", 2*time.Second, "how long")
	flag.IntVar(&o.count, "count", 0, "this many requests, instead of -for and -warm-up")
	flag.IntVar(&o.hosts, "hosts", 0, "ask this many hosts once each, instead of -for")
	flag.StringVar(&o.warmHost, "warm-host", "", "with -hosts: the host that another client keeps asking meanwhile")
	flag.DurationVar(&o.timeout, "timeout", 30*time.Second, "for each request")
	flag.Parse()
	var err error
	if o.url, err = url.Parse(*raw); err != nil || o.url.Host == "" || o.dial == "" {
		fmt.Fprintln(os.Stderr, "load: want -url URL -dial HOST:PORT", err)
		os.Exit(2)
	}
	return o
}

// measuring tells the bench that what counts begins now.
func measuring() { fmt.Println(`{"measuring":true}`) }

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}
