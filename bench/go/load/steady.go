package main

import (
	"sync"
	"sync/atomic"
	"time"
)

// tally is what one worker saw; workers share nothing while they run.
type tally struct {
	latencies  []time.Duration
	bodyBytes  int64
	errors     int
	firstError error
}

func (t *tally) add(elapsed time.Duration, n int64, err error) {
	if err != nil {
		t.errors++
		if t.firstError == nil {
			t.firstError = err
		}
		return
	}
	t.latencies = append(t.latencies, elapsed)
	t.bodyBytes += n
}

// steady keeps all workers busy: first for the warm-up, then for the time (or the number) that counts.
func steady(o options) result {
	var phase, given atomic.Int64 // phase 0: warm-up, 1: counts, 2: over
	tallies := make([]tally, o.concurrency)
	get, end := requesters(&o)
	defer end()

	started := time.Now()
	if o.count > 0 {
		phase.Store(1)
		measuring()
	}
	var workers sync.WaitGroup
	for i := range tallies {
		workers.Add(1)
		go func() {
			defer workers.Done()
			t := &tallies[i]
			for {
				began := phase.Load()
				if began == 2 || (o.count > 0 && given.Add(1) > int64(o.count)) {
					return
				}
				start := time.Now()
				n, err := get(i)
				// What ends while it counts is counted; errors count whenever they happen.
				if err != nil || o.count > 0 || phase.Load() == 1 {
					t.add(time.Since(start), n, err)
				}
				if err != nil {
					time.Sleep(10 * time.Millisecond) // a proxy that refuses everything is not to be flooded
				}
			}
		}()
	}
	if o.count == 0 {
		time.Sleep(o.warmUp)
		started = time.Now()
		phase.Store(1)
		measuring()
		time.Sleep(o.duration)
		phase.Store(2)
	}
	elapsed := time.Since(started)
	workers.Wait()
	if o.count > 0 {
		elapsed = time.Since(started)
	}
	return summary(tallies, elapsed)
}

// requesters returns one request function for all workers, and what closes their connections.
func requesters(o *options) (get func(worker int) (int64, error), end func()) {
	if o.h2 {
		one, end := newHTTP2(o, o.url)
		_, _ = one() // the connection that all workers then share; its error will come again
		return func(int) (int64, error) { return one() }, end
	}
	clients := make([]*client, o.concurrency)
	for i := range clients {
		clients[i] = newClient(o, o.url)
	}
	return func(worker int) (int64, error) { return clients[worker].get() }, func() {
		for _, c := range clients {
			c.close()
		}
	}
}
