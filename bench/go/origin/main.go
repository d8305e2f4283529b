// origin is the HTTP(S) server that every compared chain reaches.
//
//	/json      1 KiB of JSON
//	/bytes/N   N bytes
//
// It listens on free ports of 127.0.0.1, writes its CA to the file that -ca names, says on stdout where it
// listens as one line of JSON, and ends when its stdin does: it cannot outlive the bench.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
)

func main() {
	caFile := flag.String("ca", "", "where the CA certificate is written (PEM)")
	domain := flag.String("domain", "bench.test", "the certificate covers *.DOMAIN")
	flag.Parse()

	certificate, caPEM, err := makeCertificate(*domain)
	must(err)
	must(os.WriteFile(*caFile, caPEM, 0o644))
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	secure, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)

	handler := routes()
	quiet := log.New(io.Discard, "", 0) // clients that leave in mid-handshake are not news
	go func() { must((&http.Server{Handler: handler, ErrorLog: quiet}).Serve(plain)) }()
	go func() {
		server := &http.Server{Handler: handler, ErrorLog: quiet, TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			NextProtos:   []string{"h2", "http/1.1"},
		}}
		must(server.ServeTLS(secure, "", ""))
	}()
	must(json.NewEncoder(os.Stdout).Encode(map[string]int{"http": port(plain), "https": port(secure)}))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func routes() http.Handler {
	document := jsonDocument(1024)
	block := make([]byte, 64<<10)
	for i := range block {
		block[i] = byte(i * 7)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(document)))
		_, _ = w.Write(document)
	})
	mux.HandleFunc("/bytes/", func(w http.ResponseWriter, r *http.Request) {
		left, err := strconv.ParseInt(strings.TrimPrefix(r.URL.Path, "/bytes/"), 10, 64)
		if err != nil || left < 0 {
			http.Error(w, "want /bytes/N", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.FormatInt(left, 10))
		for left > 0 {
			n, err := w.Write(block[:min(left, int64(len(block)))])
			if err != nil {
				return
			}
			left -= int64(n)
		}
	})
	return mux
}

// jsonDocument is a JSON text of exactly size bytes.
func jsonDocument(size int) []byte {
	var text strings.Builder
	text.WriteString(`{"items":[`)
	for i := 0; text.Len() < size-100; i++ {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(`{"id":` + strconv.Itoa(i) + `,"title":"An item of the list","available":true}`)
	}
	text.WriteString(`],"note":"`)
	text.WriteString(strings.Repeat("x", size-text.Len()-2) + `"}`)
	return []byte(text.String())
}

func port(listener net.Listener) int { return listener.Addr().(*net.TCPAddr).Port }

func must(err error) {
	if err != nil {
		log.Fatal("origin: ", err)
	}
}
