package main

import (
	"slices"
	"sync"
	"time"
)

// loaded is how one load went.
type loaded struct {
	Requests int `json:"requests"`
	// From when the first request was due to the last answer.
	TookSeconds float64 `json:"tookSeconds"`
	// Failed, or not the answer that was wanted.
	Wrong      int    `json:"wrong"`
	FirstWrong string `json:"firstWrong,omitempty"`
	// From when a request was due to the end of its answer.
	P50Ms float64 `json:"p50Ms"`
	P99Ms float64 `json:"p99Ms"`
	MaxMs float64 `json:"maxMs"`

	// By client: how many were answered as wanted.
	answered []int
	lastDue  time.Time
}

// load asks at a fixed rate, whether or not answers keep up: request number i is due i/rate seconds after the start, and the
// clients take turns. A client has one request open at a time; one that waits for its turn is late, and that counts.
func load(clients []*client, rate float64, length time.Duration) loaded {
	total := int(rate * length.Seconds())
	began := time.Now().Add(50 * time.Millisecond) // each client waits by then
	due := func(number int) time.Time { return began.Add(seconds(float64(number) / rate)) }
	result := loaded{Requests: total, answered: make([]int, len(clients)), lastDue: due(total - 1)}
	times := make([]time.Duration, total)
	var mutex sync.Mutex
	var working sync.WaitGroup
	for turn, c := range clients {
		working.Add(1)
		go func() {
			defer working.Done()
			for number := turn; number < total; number += len(clients) {
				time.Sleep(time.Until(due(number)))
				err := c.ask()
				times[number] = time.Since(due(number))
				if err == nil {
					result.answered[turn]++
					continue
				}
				mutex.Lock()
				result.Wrong++
				if result.FirstWrong == "" {
					result.FirstWrong = err.Error()
				}
				mutex.Unlock()
			}
		}()
	}
	working.Wait()
	result.TookSeconds = time.Since(began).Seconds()
	slices.Sort(times)
	at := func(share float64) float64 { return float64(times[int(float64(total-1)*share)].Microseconds()) / 1000 }
	result.P50Ms, result.P99Ms, result.MaxMs = at(0.5), at(0.99), at(1)
	return result
}
