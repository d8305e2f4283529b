package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strconv"
	"syscall"
)

var block = bytes.Repeat([]byte("x"), 1<<20)

func serve(address string) {
	config := net.ListenConfig{Control: func(_, _ string, socket syscall.RawConn) error {
		var failed error
		// Connections have what their listener has.
		err := socket.Control(func(fd uintptr) {
			failed = syscall.SetsockoptString(int(fd), syscall.IPPROTO_TCP, syscall.TCP_CONGESTION, "cubic")
		})
		if err != nil {
			return err
		}
		return failed
	}}
	listener, err := config.Listen(context.Background(), "tcp4", address)
	fail(err)
	fail(http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		size, err := strconv.Atoi(request.URL.Path[1:])
		if err != nil || size < 0 || size > len(block) {
			http.Error(response, "no such size", http.StatusNotFound)
			return
		}
		response.Header().Set("Content-Length", strconv.Itoa(size))
		response.Write(block[:size])
	})))
}
