package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// atOnce is how many readers connect at the same time.
const atOnce = 16

// readers hold one WebSocket for each session. That a stack has accepted it means that all events from then on are told.
type readers struct {
	all []*reader
}

// reader counts what it is told. Its events are not parsed: that would cost more than the product spends on making them.
type reader struct {
	responses atomic.Int64
	events    atomic.Int64
	missed    atomic.Int64
}

// heard is what all readers were told.
type heard struct {
	// Of answers whose end was told: all of them when none was lost.
	Answered  int `json:"answered"`
	Responses int `json:"responses"`
	Events    int `json:"events"`
	// Readers that were told of events that they would not be told.
	Missed int `json:"missed"`
	// Of the last event, after the last request was due.
	LateSeconds float64 `json:"lateSeconds"`
}

func openReaders(p *plan) *readers {
	r := &readers{all: make([]*reader, len(p.Sessions))}
	slots := make(chan struct{}, atOnce)
	for i, s := range p.Sessions {
		slots <- struct{}{}
		r.all[i] = &reader{}
		go func() {
			conn := connect(p, s)
			<-slots
			go r.all[i].read(conn)
		}()
	}
	for range atOnce { // all of them have connected
		slots <- struct{}{}
	}
	return r
}

func connect(p *plan, s session) *websocket.Conn {
	address := strings.Replace(p.URL, "http", "ws", 1) + "/v1/sessions/" + url.PathEscape(s.ID) + "/events"
	within, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(within, address, &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + p.Token}},
	})
	must(err)
	return conn
}

var (
	responseType = []byte(`"type":"response",`)
	missedType   = []byte(`"type":"missed"`)
)

func (r *reader) read(conn *websocket.Conn) {
	for {
		_, event, err := conn.Read(context.Background())
		must(err) // the stack tells as long as there is a load
		r.events.Add(1)
		switch {
		case bytes.Contains(event, responseType):
			r.responses.Add(1)
		case bytes.Contains(event, missedType):
			r.missed.Add(1)
		}
	}
}

// hear waits until each reader was told of as many responses as its session gave, at most for `limit`.
func (r *readers) hear(answered []int, lastDue time.Time, limit time.Duration) heard {
	for end := time.Now().Add(limit); !r.complete(answered) && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	h := heard{LateSeconds: time.Since(lastDue).Seconds()}
	for i, one := range r.all {
		h.Answered += answered[i]
		h.Responses += int(one.responses.Load())
		h.Events += int(one.events.Load())
		if one.missed.Load() > 0 {
			h.Missed++
		}
	}
	return h
}

func (r *readers) complete(answered []int) bool {
	for i, one := range r.all {
		if one.responses.Load() < int64(answered[i]) {
			return false
		}
	}
	return true
}
