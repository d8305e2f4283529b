// An access link between two programs, with the kernel's TCP at both ends: each program runs in a network namespace of its own, and
// this one carries the IP packets between their TUN devices, through a drop-tail queue, a rate and a delay in each direction.
//
//	link -down 1600 -up 768 -rtt 150 -queue-down 34 -queue-up 17 -- SERVER ARGS... -- CLIENT ARGS...
//	link serve HOST:PORT
//
// The second form is a server for it: `/N` is N bytes, sent with CUBIC whatever the machine's own choice is.
// Rates are kbit/s of IP packets. The server is at 10.77.0.2, the client at 10.77.0.1; the server has a second to begin to listen.
// Ends with the client's exit code. The namespaces are nameless: they go when the programs do. Needs root and /dev/net/tun.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
	"unsafe"
)

const mtu = 1500

type end struct {
	tun *os.File
	// Runs a function in the end's namespace.
	do chan func()
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		serve(os.Args[2])
		return
	}
	down := flag.Float64("down", 0, "kbit/s towards the client; 0: no limit")
	up := flag.Float64("up", 0, "kbit/s towards the server; 0: no limit")
	rtt := flag.Float64("rtt", 0, "milliseconds")
	queueDown := flag.Int("queue-down", 100, "packets")
	queueUp := flag.Int("queue-up", 100, "packets")
	flag.Parse()
	commands := flag.Args()
	split := slices.Index(commands, "--")
	if split < 1 || split == len(commands)-1 {
		fail(fmt.Errorf("usage: link [options] -- SERVER ARGS... -- CLIENT ARGS..."))
	}
	client, server := open("10.77.0.1", "10.77.0.2"), open("10.77.0.2", "10.77.0.1")
	oneWay := time.Duration(*rtt / 2 * float64(time.Millisecond))
	go carry(client.tun, server.tun, *up, *queueUp, oneWay)
	go carry(server.tun, client.tun, *down, *queueDown, oneWay)

	serving := start(server, commands[:split])
	time.Sleep(time.Second)
	err := start(client, commands[split+1:]).Wait()
	serving.Process.Kill()
	serving.Wait()
	if exit, ok := err.(*exec.ExitError); ok {
		os.Exit(exit.ExitCode())
	}
	fail(err)
}

// A thread in a new namespace that has nothing but loopback and a TUN device.
func open(own, peer string) *end {
	made := make(chan *end)
	go func() {
		runtime.LockOSThread()
		fail(syscall.Unshare(syscall.CLONE_NEWNET))
		fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR, 0)
		fail(err)
		request := struct {
			name  [16]byte
			flags uint16
			_     [22]byte
		}{flags: 0x1001} // IFF_TUN | IFF_NO_PI
		copy(request.name[:], "wan")
		if _, _, code := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), 0x400454ca, uintptr(unsafe.Pointer(&request))); code != 0 {
			fail(fmt.Errorf("TUNSETIFF: %w", code))
		}
		for _, args := range [][]string{
			{"link", "set", "lo", "up"},
			{"addr", "add", own + "/32", "peer", peer, "dev", "wan"},
			{"link", "set", "dev", "wan", "mtu", fmt.Sprint(mtu), "txqueuelen", "10000", "up"},
		} {
			if said, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
				fail(fmt.Errorf("ip %v: %s", args, said))
			}
		}
		// No connection is to know how those before it fared.
		fail(os.WriteFile("/proc/sys/net/ipv4/tcp_no_metrics_save", []byte("1"), 0))
		fail(syscall.SetNonblock(fd, true))
		side := &end{tun: os.NewFile(uintptr(fd), "tun"), do: make(chan func())}
		made <- side
		for run := range side.do {
			run()
		}
	}()
	return <-made
}

func start(side *end, command []string) *exec.Cmd {
	started := make(chan *exec.Cmd)
	side.do <- func() {
		// A child has the namespace of the thread that makes it.
		child := exec.Command(command[0], command[1:]...)
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		fail(child.Start())
		started <- child
	}
	return <-started
}

type packet struct {
	bytes []byte
	due   time.Time
}

func carry(from, to *os.File, kbit float64, queue int, delay time.Duration) {
	waiting := make(chan packet, 100_000)
	go func() {
		for next := range waiting {
			if wait := time.Until(next.due); wait > 0 {
				time.Sleep(wait)
			}
			to.Write(next.bytes)
		}
	}()
	var leaves []time.Time // of the packets that are still in the queue
	free := time.Now()
	for {
		bytes := make([]byte, mtu+100)
		count, err := from.Read(bytes)
		fail(err)
		now := time.Now()
		if kbit > 0 {
			for len(leaves) > 0 && !leaves[0].After(now) {
				leaves = leaves[1:]
			}
			if len(leaves) >= queue {
				continue
			}
			if free.Before(now) {
				free = now
			}
			free = free.Add(time.Duration(float64(count) * 8 / kbit * float64(time.Millisecond)))
			leaves = append(leaves, free)
			now = free
		}
		waiting <- packet{bytes[:count], now.Add(delay)}
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
