package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// answerLimit is how long an answer may take before it counts as failed.
const answerLimit = 60 * time.Second

// client asks through one session's proxy, on one connection that is kept.
type client struct {
	proxy   string
	request []byte
	want    []byte
	conn    net.Conn
	reader  *bufio.Reader
}

func newClient(proxy, backend, want string) *client {
	request := fmt.Sprintf("GET http://%[1]s/cart?user=7 HTTP/1.1\r\nhost: %[1]s\r\naccept: application/json\r\n\r\n", backend)
	return &client{proxy: proxy, request: []byte(request), want: []byte(want)}
}

// ask resolves once the answer is there whole. After an error the next call connects anew.
func (c *client) ask() error {
	err := c.exchange()
	if err != nil && c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
	return err
}

func (c *client) exchange() (err error) {
	if c.conn == nil {
		if c.conn, err = net.DialTimeout("tcp", c.proxy, answerLimit); err != nil {
			c.conn = nil
			return err
		}
		c.reader = bufio.NewReaderSize(c.conn, 2048)
	}
	if err = c.conn.SetDeadline(time.Now().Add(answerLimit)); err != nil {
		return err
	}
	if _, err = c.conn.Write(c.request); err != nil {
		return err
	}
	answer, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK || !bytes.Contains(body, c.want) {
		return fmt.Errorf("status %d: %.200q", answer.StatusCode, body)
	}
	if answer.Close {
		return fmt.Errorf("the connection was not kept")
	}
	return nil
}
