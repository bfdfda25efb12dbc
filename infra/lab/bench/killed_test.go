package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// childOptions makes this test binary send letters, as `mend bench send` does, until it is killed.
const childOptions = "MEND_TEST_BENCH_OPTIONS"

func TestMain(m *testing.M) {
	if text := os.Getenv(childOptions); text != "" {
		os.Exit(beChild(text))
	}
	os.Exit(m.Run())
}

func beChild(text string) int {
	var o Options
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	o.Say, o.Log = os.Stderr, io.Discard
	r, err := Send(context.Background(), o)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		return 1
	}
	return 0
}

// post is a mail service that counts who got a letter, throttles, refuses one, drops lines after
// having taken a letter, and at a number of letters has somebody killed.
type post struct {
	mu      sync.Mutex
	asked   int
	got     map[string]int
	dropped map[string]bool
	at      int // letters
	kill    func()
}

func (p *post) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var letter struct {
		Destination struct{ ToAddresses []string }
	}
	if err := json.NewDecoder(r.Body).Decode(&letter); err != nil {
		return
	}
	to := letter.Destination.ToAddresses[0]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	switch {
	case p.asked%20 == 0:
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case to == "user7@example.test":
		w.Header().Set("X-Amzn-ErrorType", "MessageRejected")
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.got[to]++
	if len(p.got) == p.at {
		p.kill()
	}
	if p.asked%97 == 0 {
		p.dropped[to] = true
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(w, `{"MessageId":"1"}`)
}

func TestKilledInTheMiddleAndGoneOnWith(t *testing.T) {
	for _, kind := range []string{"nosync", "file"} {
		t.Run(kind, func(t *testing.T) { killAndGoOn(t, kind) })
	}
}

func killAndGoOn(t *testing.T, kind string) {
	const n = 1000
	p := &post{got: map[string]int{}, dropped: map[string]bool{}}
	server := httptest.NewServer(p)
	defer server.Close()
	options, err := json.Marshal(Options{
		N:        n,
		Endpoint: server.URL,
		Data:     filepath.Join(t.TempDir(), "data"),
		Store:    kind,
		Senders:  2,
	})
	if err != nil {
		t.Fatal(err)
	}
	run := func(killAt int) (out []byte, killed bool) {
		t.Helper()
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childOptions+"="+string(options))
		var stdout, stderr bytes.Buffer
		child.Stdout, child.Stderr = &stdout, &stderr
		p.mu.Lock()
		p.at, p.kill = killAt, func() { killed = killed || child.Process.Kill() == nil }
		p.mu.Unlock()
		err := child.Run()
		p.mu.Lock() // whoever kills holds it
		defer p.mu.Unlock()
		if err != nil && !killed {
			t.Fatalf("%v: %s", err, stderr.String())
		}
		return stdout.Bytes(), killed
	}
	for _, at := range []int{300, 700} {
		if _, killed := run(at); !killed {
			t.Fatalf("it was not killed at %d letters", at)
		}
	}
	out, _ := run(-1)
	var r Result
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for i := range n {
		to := fmt.Sprintf("user%d@example.test", i+1)
		unknown, refused := slices.Contains(r.UnknownTo, to), to == "user7@example.test"
		switch times := p.got[to]; {
		case times > 1:
			t.Errorf("%s got %d letters", to, times)
		case times == 0 && !unknown && !refused:
			t.Errorf("%s was left out", to)
		case p.dropped[to] && !unknown:
			t.Errorf("%s: the line was dropped, and yet the letter is said to be known of", to)
		}
	}
	if r.Accepted+r.Failed+r.GivenUp != n || r.Failed != 1 || r.LeftOut != 0 || !r.Resumed {
		t.Errorf("counts do not add up: %s", out)
	}
	if most := 2*r.InFlight + len(p.dropped); r.Unknown > most || r.Unknown != len(r.UnknownTo) {
		t.Errorf("%d are unknown, want %d at most", r.Unknown, most)
	}
	if r.Unknown < len(p.dropped) || len(p.dropped) == 0 {
		t.Errorf("%d are unknown, and %d lines were dropped", r.Unknown, len(p.dropped))
	}
	again, _ := run(-1)
	var after Result
	if err := json.Unmarshal(again, &after); err != nil || after.Calls != 0 || after.Accepted != r.Accepted {
		t.Errorf("run once more when all is done: %v, %s", err, again)
	}
}

func TestDataOfAnotherRunIsRefused(t *testing.T) {
	server := httptest.NewServer(&post{got: map[string]int{}, dropped: map[string]bool{}, at: -1})
	defer server.Close()
	o := Options{
		N: 3, Endpoint: server.URL, Data: t.TempDir(), Store: "nosync", Senders: 1, Say: io.Discard, Log: io.Discard,
	}
	if _, err := Send(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	o.N = 4
	if _, err := Send(t.Context(), o); err == nil {
		t.Error("a run of 3 letters was gone on with as one of 4")
	}
}
