package main

import (
	"bufio"
	"net"
	"strconv"
)

const document = `{"items":[{"name":"tea","price":4.5},{"name":"cup","price":12}],"currency":"EUR"}`

// serveBackend answers each request without a body with the document, on connections that are kept. Returns its address.
func serveBackend() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	answer := []byte("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " +
		strconv.Itoa(len(document)) + "\r\n\r\n" + document)
	go func() {
		for {
			conn, err := listener.Accept()
			must(err)
			go serve(conn, answer)
		}
	}()
	return listener.Addr().String(), nil
}

func serve(conn net.Conn, answer []byte) {
	defer conn.Close()
	reader := bufio.NewReaderSize(conn, 2048)
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return // it went away, or its request has lines that nobody sends here: the client will say so
		}
		if len(line) > 2 { // not the end of the head yet
			continue
		}
		if _, err = conn.Write(answer); err != nil {
			return
		}
	}
}
