package machine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
)

func TestTheMachineAnswersToItsOwnNamesAlone(t *testing.T) {
	m := open(t)
	port := m.site.Addr().(*net.TCPAddr).Port
	for host, want := range map[string]int{
		fmt.Sprintf("127.0.0.1:%d", port): 200, fmt.Sprintf("localhost:%d", port): 200, "LOCALHOST.": 200,
		"[::1]:9000": 200, "127.0.0.1": 200, "evil.example": 421, fmt.Sprintf("evil.example:%d", port): 421,
		"localhost.evil.example": 421, "127.0.0.1.nip.io": 421, "192.0.2.7": 421, "mend.test": 421,
		"evil-localhost": 421, "localhost:1@evil.example": 421,
	} {
		for _, path := range []string{"/", "/local/messages"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.SiteURL()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = host
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != want {
				t.Errorf("GET %s of %q: got status %d, want %d", path, host, res.StatusCode, want)
			}
		}
	}
}

// Links in letters lead to the site, wherever it listens.
func TestASiteAtEveryAddressHasANameThatLeadsToIt(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "127.0.0.1:0"} {
		cfg := config(t)
		cfg.Addr = addr
		m := run(t, cfg)
		answer, err := http.Get(m.SiteURL())
		if err != nil || answer.StatusCode != http.StatusOK || strings.Contains(m.SiteURL(), "[::]") ||
			strings.Contains(m.SiteURL(), "0.0.0.0") {
			t.Errorf("at %s: %s answers %v, %v", addr, m.SiteURL(), answer, err)
		}
		if want := addr != "127.0.0.1:0"; IsOpen(m) != want {
			t.Errorf("at %s: open to other machines: %v, want %v", addr, !want, want)
		}
	}
}

// Another site may neither frame the tools nor load what they answer, and no letter stays in the
// browser's cache.
func TestHeadersOfTheTools(t *testing.T) {
	m := open(t)
	joined(t, m)
	one := "/local/messages/" + letters(t, m)[0].id
	for path, frames := range map[string]string{
		"/local/": "'none'", "/local/messages": "'none'", "/local/messages/none": "'none'", one: "'none'",
		one + ".eml": "'none'", one + "/html": "'self'", "/local/clock": "'none'", "/local/people": "'none'",
		"/local/operator": "'none'",
	} {
		res, err := http.Get(m.SiteURL() + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("GET %s: got %s %q, want %q", path, name, got, want)
			}
		}
		policy := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors "+frames) {
			t.Errorf("GET %s: got policy %q, want frame-ancestors %s", path, policy, frames)
		}
	}
}

func TestASlowBodyIsCutOff(t *testing.T) {
	m, err := Open(t.Context(), config(t))
	if err != nil {
		t.Fatal(err)
	}
	m.bodyTime = 50 * time.Millisecond
	runOpened(t, m)
	for _, request := range []string{"POST /join", "POST /local/inbound?rcpt=a", "GET /", "POST /local/clock"} {
		conn, err := net.Dial("tcp", m.site.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nonly this", request)
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || res.StatusCode != http.StatusRequestTimeout {
			t.Errorf("%s: got %v, %v, want status 408", request, res, err)
			continue
		}
		_, _ = io.Copy(io.Discard, res.Body)
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("%s: got %v, want the connection closed", request, err)
		}
	}
}

// One connection more than may be open waits for another to end; one that stays busy for ever is
// cut off.
func TestSMTPConnectionsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clients := make(pipes)
		l := limitConnections(clients, 2, time.Minute)
		served := make(chan net.Conn, 3)
		go func() {
			for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
				served <- conn
			}
		}()
		var all []net.Conn
		for range 3 {
			client, server := net.Pipe()
			all = append(all, client)
			go func() { clients <- server }()
			synctest.Wait()
		}
		if len(served) != 2 {
			t.Errorf("%d of three are served, want 2", len(served))
		}
		(<-served).Close()
		if synctest.Wait(); len(served) != 2 {
			t.Errorf("once one has ended, %d wait to be looked at, want the second and the third", len(served))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		for i, client := range all {
			if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("connection %d, a minute on: got %v, want it closed", i, err)
			}
		}
		l.Close()
	})
}

// pipes is a listener for what is sent to it.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if conn, open := <-p; open {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error { close(p); return nil }
func (pipes) Addr() net.Addr { return nil }

// While one mail is being read, the site answers and other people's STOP is read.
func TestALongMailHoldsUpNothingElse(t *testing.T) {
	m, err := Open(t.Context(), config(t))
	if err != nil {
		t.Fatal(err)
	}
	reading, release := make(chan struct{}, 1), make(chan struct{})
	handle := m.handlers[local.ReceiptQueue]
	m.handlers[local.ReceiptQueue] = func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		if len(e.Records) != 1 {
			t.Errorf("%d mails in one batch, want one", len(e.Records))
		}
		if strings.Contains(e.Records[0].Body, "hostile@evil.example") {
			reading <- struct{}{}
			<-release
		}
		return handle(ctx, e)
	}
	m = runOpened(t, m)
	to := joined(t, m)
	inbound := func(from, words string) string {
		raw := "From: <" + from + ">\r\nSubject: x\r\n\r\n" + words + "\r\n"
		query := url.Values{"from": {from}, "rcpt": {to}}.Encode()
		answer, err := http.Post(m.SiteURL()+"/local/inbound?"+query, "message/rfc822", strings.NewReader(raw))
		if err != nil {
			return err.Error()
		}
		answer.Body.Close()
		return answer.Status
	}
	done := make(chan string, 1)
	go func() { done <- inbound("hostile@evil.example", "Hello") }()
	<-reading
	if got := inbound("ann@example.test", "STOP"); got != "202 Accepted" {
		t.Errorf("STOP by mail: got %s", got)
	}
	if got := people(t, m)[0].Status; got != mend.Stopped {
		t.Errorf("the person who wrote STOP is %s", got)
	}
	if answer, err := http.Get(m.SiteURL() + "/help"); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("the site: %v, %v", answer, err)
	}
	close(release)
	if got := <-done; got != "202 Accepted" {
		t.Errorf("the long mail: got %s", got)
	}
}
