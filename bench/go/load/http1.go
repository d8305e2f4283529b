package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// client sends one request after the other. It parses just enough of HTTP/1.1 by itself: it shares the cores with what
// it measures, and net/http costs several times as much.
type client struct {
	options *options
	target  *url.URL
	request []byte
	conn    net.Conn
	reader  *bufio.Reader
}

func newClient(o *options, target *url.URL) *client {
	form, connection := target.RequestURI(), "keep-alive"
	if o.proxy && target.Scheme == "http" {
		form = target.String()
	}
	if o.fresh {
		connection = "close"
	}
	request := "GET " + form + " HTTP/1.1\r\nHost: " + target.Host + "\r\nAccept: */*\r\nUser-Agent: bench\r\nConnection: " + connection + "\r\n\r\n"
	return &client{options: o, target: target, request: []byte(request)}
}

// get does one request and returns how many bytes of body came. After an error the next one connects anew.
func (c *client) get() (int64, error) {
	if c.conn == nil {
		conn, err := connect(c.options, c.target, "http/1.1")
		if err != nil {
			return 0, err
		}
		c.conn = conn
		if c.reader == nil {
			c.reader = bufio.NewReaderSize(conn, 64<<10)
		}
		c.reader.Reset(conn)
	}
	_ = c.conn.SetDeadline(time.Now().Add(c.options.timeout))
	n, reusable, err := c.exchange()
	if err != nil || !reusable || c.options.fresh {
		c.close()
	}
	return n, err
}

func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

func (c *client) exchange() (bytesRead int64, reusable bool, err error) {
	if _, err = c.conn.Write(c.request); err != nil {
		return
	}
	status, length, chunked, reusable, err := c.head()
	if err != nil {
		return
	}
	switch {
	case chunked:
		bytesRead, err = c.chunks()
	case length >= 0:
		bytesRead, err = c.skip(length)
	default: // until the connection ends
		reusable = false
		bytesRead, err = io.Copy(io.Discard, c.reader)
	}
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d", status)
	}
	return
}

var (
	contentLength    = []byte("content-length")
	transferEncoding = []byte("transfer-encoding")
	connectionName   = []byte("connection")
)

func (c *client) head() (status int, length int64, chunked, reusable bool, err error) {
	length, reusable = -1, true
	line, err := c.line()
	if err != nil {
		return
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return 0, 0, false, false, fmt.Errorf("not an HTTP/1 answer: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return
	}
	for {
		if line, err = c.line(); err != nil || len(line) == 0 {
			return
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, contentLength):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return
			}
		case bytes.EqualFold(name, transferEncoding):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, connectionName):
			reusable = !bytes.EqualFold(value, []byte("close"))
		}
	}
}

func (c *client) chunks() (total int64, err error) {
	for {
		line, err := c.line()
		if err != nil {
			return total, err
		}
		size, _, _ := bytes.Cut(line, []byte(";"))
		length, err := strconv.ParseInt(string(bytes.TrimSpace(size)), 16, 64)
		if err != nil {
			return total, err
		}
		if length == 0 {
			break
		}
		n, err := c.skip(length)
		total += n
		if err != nil {
			return total, err
		}
		if line, err = c.line(); err != nil || len(line) != 0 {
			return total, errors.Join(err, fmt.Errorf("no line end after a chunk: %q", line))
		}
	}
	for { // trailers
		line, err := c.line()
		if err != nil || len(line) == 0 {
			return total, err
		}
	}
}

func (c *client) skip(length int64) (int64, error) {
	done := int64(0)
	for done < length {
		if c.reader.Buffered() == 0 {
			if _, err := c.reader.Peek(1); err != nil {
				return done, err
			}
		}
		n, err := c.reader.Discard(int(min(length-done, int64(c.reader.Buffered()))))
		done += int64(n)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (c *client) line() ([]byte, error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}
