package journey

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// oneMachine is `mend run` in a process of its own: all that is known of it is what it says in
// its ready file and answers on its ports.
type oneMachine struct {
	site, smtp, domain string
	process            *exec.Cmd
	log                *bytes.Buffer
	exited             chan error
	letters            map[string][]byte // raw, by id: a letter that was sent does not change
}

// program is the command, built once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "mend")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "mend")
	out, err := exec.Command("go", "build", "-o", path, "example.org/mend/cmd/mend").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build mend: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// start runs a machine on a data folder whose clock stands at an instant, and waits
// until it is ready.
func start(t *testing.T, data string, at time.Time, args ...string) *oneMachine {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ready := filepath.Join(t.TempDir(), "ready.json")
	args = append([]string{
		"run", "--addr", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--data", data, "--no-tick",
		"--clock", at.Format(time.RFC3339), "--ready-file", ready, "--log",
	}, args...)
	m := &oneMachine{
		process: exec.Command(path, args...),
		log:     new(bytes.Buffer),
		exited:  make(chan error, 1),
		letters: map[string][]byte{},
	}
	m.process.Stderr = m.log
	if err := m.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = m.process.Process.Kill()
		if t.Failed() {
			t.Logf("the log of the machine:\n%s", m.log)
		}
	})
	go func() { m.exited <- m.process.Wait() }()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	text := m.await(ctx, t, ready)
	var said struct {
		Site        string `json:"site"`
		SMTP        string `json:"smtp"`
		ReplyDomain string `json:"reply_domain"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatalf("the ready file %q: %v", text, err)
	}
	m.site, m.smtp, m.domain = said.Site, said.SMTP, said.ReplyDomain
	return m
}

// await reads a file once it is there.
func (m *oneMachine) await(ctx context.Context, t *testing.T, file string) []byte {
	t.Helper()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for {
		if text, err := os.ReadFile(file); err == nil {
			return text
		}
		select {
		case err := <-m.exited:
			t.Fatalf("mend run ended (%v):\n%s", err, m.log)
		case <-ctx.Done():
			t.Fatal("mend run is not ready")
		case <-poll.C:
		}
	}
}

// stop ends the machine as an init system does.
func (m *oneMachine) stop(t *testing.T) {
	t.Helper()
	if err := m.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-m.exited:
		if err != nil {
			t.Errorf("mend run ended with %v after SIGTERM, want exit status 0", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("mend run did not end within 5 s of SIGTERM")
	}
}

func (m *oneMachine) Site() string { return m.site }

// call asks a local tool, and reads its JSON answer into v.
func (m *oneMachine) call(t *testing.T, method, path, body string, status int, v any) {
	t.Helper()
	ask, err := http.NewRequestWithContext(t.Context(), method, m.site+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != status {
		t.Fatalf("%s %s: got %d %s, want %d", method, path, answer.StatusCode, text, status)
	}
	if v == nil {
		return
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatalf("%s %s answers %q: %v", method, path, text, err)
	}
}

func (m *oneMachine) Now(t *testing.T) time.Time {
	t.Helper()
	var said struct{ Now time.Time }
	m.call(t, "GET", "/local/clock", "", http.StatusOK, &said)
	return said.Now
}

func (m *oneMachine) AdvanceTo(t *testing.T, at time.Time) {
	t.Helper()
	var said struct {
		Now  time.Time
		Sent int
	}
	before := len(m.Letters(t))
	m.call(t, "POST", "/local/clock", `{"set":"`+at.Format(time.RFC3339)+`"}`, http.StatusOK, &said)
	if !said.Now.Equal(at) {
		t.Fatalf("the clock stands at %s, want %s", said.Now, at)
	}
	if got := len(m.Letters(t)) - before; got != said.Sent {
		t.Errorf("the clock says %d letters were sent, the mailbox %d", said.Sent, got)
	}
}

func (m *oneMachine) Letters(t *testing.T) []Letter {
	t.Helper()
	var list []struct {
		ID, To, From, Subject, Kind string
		Date                        time.Time
	}
	m.call(t, "GET", "/local/messages", "", http.StatusOK, &list)
	letters := make([]Letter, len(list))
	for i, l := range list {
		letters[i] = Letter{ID: l.ID, To: l.To, Kind: l.Kind, At: l.Date, Raw: m.raw(t, l.ID)}
	}
	return letters
}

func (m *oneMachine) raw(t *testing.T, id string) []byte {
	t.Helper()
	if raw, ok := m.letters[id]; ok {
		return raw
	}
	answer, err := http.Get(m.site + "/local/messages/" + id + ".eml")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("the raw letter %s: %d, %v", id, answer.StatusCode, err)
	}
	m.letters[id] = raw
	return raw
}

func (m *oneMachine) Mail(t *testing.T, from, to, raw string) {
	t.Helper()
	if err := smtp.SendMail(m.smtp, nil, from, []string{to}, []byte(raw)); err != nil {
		t.Fatalf("mail to %s: %v", to, err)
	}
}

func (m *oneMachine) Event(t *testing.T, l Letter, event, detail string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"message": l.ID, "event": event, "detail": detail})
	if err != nil {
		t.Fatal(err)
	}
	m.call(t, "POST", "/local/feedback", string(body), http.StatusAccepted, nil)
}

func TestOneMachine(t *testing.T) {
	m := start(t, t.TempDir(), Start)
	Walk(t, m)
	var people []struct {
		Status  string
		Letters int
	}
	m.call(t, "GET", "/local/people", "", http.StatusOK, &people)
	if len(people) != 2 {
		t.Errorf("people: got %+v, want the two who were not erased", people)
	}
	m.stop(t)
	for _, secret := range []string{"example.test", "broken lamp", "harder than", "call my sister", "Hara"} {
		if strings.Contains(m.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// What was acknowledged is there after a kill -9 at any moment: every reply that SMTP took, once.
func TestKilledMachineLosesNothing(t *testing.T) {
	data := t.TempDir()
	m := start(t, data, Start)
	ann := somebody{newBrowser(t, m), "ann@example.test", time.UTC}
	ann.join(map[string][]string{"path": {"amends"}, "cadence": {"daily"}, "time": {"07:30"}})
	ann.confirm()
	m.AdvanceTo(t, Start.Add(2*time.Hour))
	to := ann.last("checkin").read(t).replyTo
	taken := 0
	for round := range 4 {
		dying := make(chan struct{})
		go func(m *oneMachine) {
			<-dying
			_ = m.process.Process.Kill()
		}(m)
		for i := 0; ; i++ {
			raw := fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: Re\r\nMessage-ID: <%d.%d@example.test>\r\n\r\n"+
				"Words number %d of %d.\r\n", ann.address, to, round, i, i, round)
			if smtp.SendMail(m.smtp, nil, ann.address, []string{to}, []byte(raw)) != nil {
				break
			}
			taken++
			if i == 3+round {
				close(dying)
			}
		}
		<-m.exited
		m = start(t, data, Start.Add(time.Duration(3+round)*time.Hour))
		ann.browser = newBrowser(t, m)
	}
	m.AdvanceTo(t, m.Now(t).Add(time.Hour)) // what was in the middle of its work becomes visible again
	var people []struct{ Replies int }
	m.call(t, "GET", "/local/people", "", http.StatusOK, &people)
	if len(people) != 1 || people[0].Replies < taken || people[0].Replies > taken+4 {
		t.Errorf("replies kept: got %+v, want %d that were acknowledged and at most one more for each kill",
			people, taken)
	}
}
