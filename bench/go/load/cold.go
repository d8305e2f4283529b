package main

import (
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// coldHosts asks each of the hosts once, on a connection of its own, while another client keeps asking the warm host on
// one kept connection with a millisecond's pause: how long it has to wait shows how long the proxy does nothing else.
func coldHosts(o options) result {
	warm := numbered(&o, 0)
	warm.Host = o.warmHost + ":" + o.url.Port()
	warmClient := newClient(&o, warm)
	for range 20 { // the warm host's certificate, pools and code paths
		if _, err := warmClient.get(); err != nil {
			return result{Errors: 1, FirstError: "the warm host: " + err.Error()}
		}
	}

	var over atomic.Bool
	var watcher sync.WaitGroup
	var watched tally
	watcher.Add(1)
	go func() {
		defer watcher.Done()
		defer warmClient.close()
		for !over.Load() {
			start := time.Now()
			n, err := warmClient.get()
			watched.add(time.Since(start), n, err)
			time.Sleep(time.Millisecond)
		}
	}()

	measuring()
	started := time.Now()
	var next atomic.Int64
	var workers sync.WaitGroup
	tallies := make([]tally, o.concurrency)
	for i := range tallies {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for {
				host := int(next.Add(1)) - 1
				if host >= o.hosts {
					return
				}
				c := newClient(&o, numbered(&o, host))
				start := time.Now()
				n, err := c.get()
				tallies[i].add(time.Since(start), n, err)
				c.close()
			}
		}()
	}
	workers.Wait()
	elapsed := time.Since(started)
	over.Store(true)
	watcher.Wait()

	r := summary(tallies, elapsed)
	w := summary([]tally{watched}, elapsed)
	r.WarmRequests, r.WarmErrors, r.WarmP50Ms, r.WarmMaxMs = w.Requests, w.Errors, w.P50Ms, w.MaxMs
	if r.FirstError == "" {
		r.FirstError = w.FirstError
	}
	return r
}

// numbered is the URL with the host's number in it. (The number stands as `N` in the host: `%d` is no valid URL.)
func numbered(o *options, number int) *url.URL {
	u := *o.url
	u.Host = strings.Replace(u.Host, "N", strconv.Itoa(number), 1)
	return &u
}
