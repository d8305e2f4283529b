// control asks many sessions of a stack at a fixed rate from outside, is the backend behind them, and reads their events.
//
// It reads one line of JSON from stdin (plan) and then does the load twice: without readers, and with a reader of each
// session's events by WebSocket. Each load is done for the warm-up first, and then for the time that counts. It prints lines
// of JSON: {"phase":"alone"} when what counts begins, its result when it is over, {"phase":"read"}, that result, at last
// what the readers heard. It stays until its stdin ends: the bench can read meanwhile what it cost, and it cannot outlive it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

type plan struct {
	// The control API.
	URL   string `json:"url"`
	Token string `json:"token"`
	// Each is asked in turn, on a connection of its own.
	Sessions []session `json:"sessions"`
	// What an answer must have in it.
	Want string `json:"want"`
	// Requests per second, of all sessions together.
	Rate    float64 `json:"rate"`
	WarmUp  float64 `json:"warmUpSeconds"`
	Seconds float64 `json:"seconds"`
	// How long the last events may take.
	SettleSeconds float64 `json:"settleSeconds"`
}

type session struct {
	ID    string `json:"id"`
	Proxy string `json:"proxy"`
}

func main() {
	// It shares the cores with what it measures: more threads would only wake each other.
	runtime.GOMAXPROCS(1)
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	must(err)
	var p plan
	must(json.Unmarshal(line, &p))
	go func() {
		_, _ = io.Copy(io.Discard, input)
		os.Exit(0)
	}()
	backend, err := serveBackend()
	must(err)
	clients := make([]*client, len(p.Sessions))
	for i, s := range p.Sessions {
		clients[i] = newClient(s.Proxy, backend, p.Want)
	}

	load(clients, p.Rate, seconds(p.WarmUp))
	say(map[string]string{"phase": "alone"})
	say(load(clients, p.Rate, seconds(p.Seconds)))

	readers := openReaders(&p)
	warm := load(clients, p.Rate, seconds(p.WarmUp))
	say(map[string]string{"phase": "read"})
	measured := load(clients, p.Rate, seconds(p.Seconds))
	say(measured)
	say(readers.hear(sum(warm.answered, measured.answered), measured.lastDue, seconds(p.SettleSeconds)))
	select {}
}

func seconds(count float64) time.Duration { return time.Duration(count * float64(time.Second)) }

func sum(a, b []int) []int {
	total := make([]int, len(a))
	for i := range a {
		total[i] = a[i] + b[i]
	}
	return total
}

func say(value any) { must(json.NewEncoder(os.Stdout).Encode(value)) }

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "control:", err)
		os.Exit(1)
	}
}
