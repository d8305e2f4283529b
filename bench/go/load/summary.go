package main

import (
	"slices"
	"time"
)

func summary(tallies []tally, elapsed time.Duration) result {
	var r result
	var all []time.Duration
	for _, t := range tallies {
		all = append(all, t.latencies...)
		r.Errors += t.errors
		r.BodyBytes += t.bodyBytes
		if r.FirstError == "" && t.firstError != nil {
			r.FirstError = t.firstError.Error()
		}
	}
	r.Requests = len(all)
	r.Seconds = elapsed.Seconds()
	r.PerSecond = float64(r.Requests) / r.Seconds
	if len(all) == 0 {
		return r
	}
	slices.Sort(all)
	r.P50Ms = ms(all[len(all)/2])
	r.P99Ms = ms(all[len(all)*99/100])
	r.MaxMs = ms(all[len(all)-1])
	return r
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
