package machine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
)

var start = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)

func config(t testing.TB) Config {
	return Config{
		Addr: "127.0.0.1:0", SMTP: "127.0.0.1:0", Data: t.TempDir(), Clock: start, NoTick: true,
		Log: slog.New(slog.NewJSONHandler(t.Output(), nil)),
	}
}

// open runs a machine until the test ends.
func open(t *testing.T) *Machine { return run(t, config(t)) }

func run(t *testing.T, cfg Config) *Machine {
	t.Helper()
	m, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return runOpened(t, m)
}

func runOpened(t testing.TB, m *Machine) *Machine {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the machine ended with %v", err)
		}
	})
	return m
}

func TestOpenSaysWhatIsInTheWay(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	running := open(t)
	noFolder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(noFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	locked, err := Open(t.Context(), config(t))
	if err != nil {
		t.Fatal(err)
	}
	defer locked.close()
	for name, c := range map[string]struct {
		change func(*Config)
		say    []string
	}{
		"the site's port is taken": {
			func(c *Config) { c.Addr = taken.Addr().String() }, []string{taken.Addr().String(), "--addr"},
		},
		"the mail port is taken": {
			func(c *Config) { c.SMTP = running.SMTPAddr() }, []string{running.SMTPAddr(), "--smtp"},
		},
		"the data folder is a file": {func(c *Config) { c.Data = noFolder }, []string{noFolder, "choose"}},
		"another mend run has it": {
			func(c *Config) { c.Data = filepath.Dir(locked.Path) }, []string{"mend run", "data folder"},
		},
		"an address without a port": {func(c *Config) { c.Addr = "nowhere" }, []string{"--addr"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			c.change(&cfg)
			m, err := Open(t.Context(), cfg)
			if err == nil {
				_ = m.close()
				t.Fatal("it opened")
			}
			for _, word := range c.say {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("got %q, want it to name %q", err, word)
				}
			}
		})
	}
}

// Ids that can be drawn again are the same at each run, and never those of someone who is there or
// will come by themselves.
func TestIDsThatCanBeGuessed(t *testing.T) {
	rand := func() io.Reader { return mathrand.NewChaCha8([32]byte{}) }
	first := func(rand io.Reader) mend.ID {
		cfg := config(t)
		cfg.Rand = rand
		m := run(t, cfg)
		joined(t, m)
		return people(t, m)[0].ID
	}
	if a, b := first(rand()), first(rand()); a != b {
		t.Errorf("two runs drew %s and %s, want the same", a, b)
	}
	if a, b := first(nil), first(nil); a == b {
		t.Errorf("without a Rand, two runs both drew %s", a)
	}
	for name, change := range map[string]func(*Config){
		"over data that is there": func(c *Config) { c.Data = filepath.Dir(open(t).Path) },
		"with a clock that runs":  func(c *Config) { c.NoTick = false },
	} {
		cfg := config(t)
		cfg.Rand = rand()
		change(&cfg)
		if m, err := Open(t.Context(), cfg); !errors.Is(err, errGuessable) {
			t.Errorf("%s: got %v, want %v", name, err, errGuessable)
			if err == nil {
				_ = m.close()
			}
		}
	}
}

// joined signs somebody up, confirms, and lets the first check-in come; it returns its
// reply address.
func joined(t *testing.T, m *Machine) string {
	t.Helper()
	form := url.Values{
		"email": {"ann@example.test"}, "path": {"amends"}, "cadence": {"daily"}, "time": {"07:30"}, "zone": {"UTC"},
		"consent": {"on"}, "adult": {"on"},
	}
	submit(t, m, "/join", form)
	d := letters(t, m)[0]
	v, err := read(d.raw)
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(v.Text, m.SiteURL()+"/confirm/")
	submit(t, m, "/confirm/"+strings.Fields(after)[0], nil)
	if _, err := m.advance(t.Context(), start.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, l := range letters(t, m) {
		if l.kind == "checkin" {
			if v, err = read(l.raw); err != nil {
				t.Fatal(err)
			}
			return v.ReplyTo
		}
	}
	t.Fatal("no check-in came")
	return ""
}

func submit(t *testing.T, m *Machine, path string, form url.Values) string {
	t.Helper()
	answer, err := http.PostForm(m.SiteURL()+path, form)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 400 {
		t.Fatalf("POST %s: %s, %v\n%s", path, answer.Status, err, body)
	}
	return string(body)
}

type sent struct {
	id, kind string
	raw      []byte
}

func letters(t *testing.T, m *Machine) []sent {
	t.Helper()
	list, err := m.Mailbox.Page(t.Context(), "", local.MostLetters)
	if err != nil {
		t.Fatal(err)
	}
	var all []sent
	for _, d := range list {
		all = append(all, sent{d.ID, string(d.Kind), d.Raw})
	}
	return all
}

func people(t *testing.T, m *Machine) []personRow {
	t.Helper()
	answer, err := http.Get(m.SiteURL() + "/local/people")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var list []personRow
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

// smtpSays sends lines to the exchanger, each after the answer to the one before, and
// returns the last answer.
func smtpSays(t *testing.T, m *Machine, lines ...string) string {
	t.Helper()
	conn, err := net.Dial("tcp", m.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	r := textproto.NewReader(bufio.NewReader(conn))
	_, answer, err := r.ReadResponse(0)
	for _, line := range lines {
		if err != nil {
			break
		}
		if _, err = io.WriteString(conn, line+"\r\n"); err != nil {
			break
		}
		var code int
		code, answer, err = r.ReadResponse(0)
		answer = fmt.Sprint(code, " ", answer)
	}
	if err != nil {
		return "ended: " + err.Error()
	}
	return answer
}

func TestExchanger(t *testing.T) {
	m := open(t)
	to := joined(t, m)
	hello := []string{"EHLO client.example.test", "MAIL FROM:<ann@example.test>"}
	with := func(lines ...string) []string { return append(append([]string(nil), hello...), lines...) }
	for name, c := range map[string]struct {
		lines []string
		code  string
	}{
		"an unknown recipient": {with("RCPT TO:<nobody@" + ReplyDomain + ">"), "550"},
		"another domain": {
			with("RCPT TO:<" + strings.Replace(to, ReplyDomain, "example.test", 1) + ">"), "550",
		},
		"an altered token":          {with("RCPT TO:<" + altered(to) + ">"), "550"},
		"a token in capitals":       {with("RCPT TO:<" + strings.ToUpper(to) + ">"), "250"},
		"no valid recipient at all": {with("DATA"), "502"},
		"a mail that says it is too large": {
			[]string{hello[0], "MAIL FROM:<ann@example.test> SIZE=41943041"}, "552",
		},
		"nonsense": {[]string{"EHLO x", "PLEASE"}, "501"},
		"a whole mail from the empty address": {
			[]string{hello[0], "MAIL FROM:<>", "RCPT TO:<" + to + ">", "DATA", "Subject: x\r\n\r\nAway.\r\n."}, "250",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := smtpSays(t, m, c.lines...); !strings.HasPrefix(got, c.code) {
				t.Errorf("got %q, want %s", got, c.code)
			}
		})
	}
}

// altered is a reply address with another character in its token.
func altered(to string) string {
	const at = 20
	other := "a"
	if to[at] == 'a' {
		other = "b"
	}
	return to[:at] + other + to[at+1:]
}

func TestTornMailIsNotKept(t *testing.T) {
	m := open(t)
	to := joined(t, m)
	conn, err := net.Dial("tcp", m.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	c := textproto.NewConn(conn)
	for _, line := range []string{"", "EHLO x", "MAIL FROM:<ann@example.test>", "RCPT TO:<" + to + ">", "DATA"} {
		if line != "" {
			if err := c.PrintfLine("%s", line); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := c.ReadResponse(0); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.PrintfLine("Subject: half\r\n\r\nThe line went dea"); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if answer := smtpSays(t, m, "EHLO x", "NOOP"); !strings.HasPrefix(answer, "250") {
		t.Fatalf("the exchanger answers %q after a torn mail", answer)
	}
	if got := people(t, m)[0].Replies; got != 0 {
		t.Errorf("a torn mail made %d replies, want none", got)
	}
}

func TestOversizedMailIsRefused(t *testing.T) {
	m := open(t)
	to := joined(t, m)
	got := smtpSays(t, m, "EHLO x", "MAIL FROM:<ann@example.test>", "RCPT TO:<"+to+">", "DATA",
		"Subject: x\r\n\r\n"+strings.Repeat(strings.Repeat("x", 998)+"\r\n", mostMail/1000+1000)+".")
	if !strings.HasPrefix(got, "552") {
		t.Errorf("a mail over 40 MB: got %q, want 552", got)
	}
	if got := people(t, m)[0].Replies; got != 0 {
		t.Errorf("it made %d replies, want none", got)
	}
}

func TestVerdictsOfInboundMail(t *testing.T) {
	m := open(t)
	to := joined(t, m)
	mail := "From: ann@example.test\r\nMessage-ID: <%s@example.test>\r\nSubject: x\r\n\r\nWords.\r\n"
	for _, c := range []struct {
		query   string
		replies int // kept in all, afterwards
		status  string
	}{
		{"virus=FAIL", 0, "active"},
		{"dmarc=FAIL", 1, "active"}, // quarantined: it waits in the journal
		{"spam=GRAY", 2, "active"},
		{"", 3, "active"},
	} {
		url := m.SiteURL() + "/local/inbound?from=ann@example.test&rcpt=" + url.QueryEscape(to) + "&" + c.query
		answer, err := http.Post(url, "message/rfc822", strings.NewReader(fmt.Sprintf(mail, "id"+c.query)))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusAccepted {
			t.Errorf("%s: got %s, want 202", c.query, answer.Status)
		}
		if got := people(t, m)[0]; got.Replies != c.replies || string(got.Status) != c.status {
			t.Errorf("%s: got %d replies, %s; want %d, %s", c.query, got.Replies, got.Status, c.replies, c.status)
		}
	}
}

// A move of the clock by years takes minutes. Who ends the machine meanwhile doesn't wait for it.
func TestAMoveOfTheClockEndsWithTheMachine(t *testing.T) {
	m, err := Open(t.Context(), config(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	go func() {
		body := strings.NewReader(`{"advance":"80000h"}`)
		if answer, err := http.Post(m.SiteURL()+"/local/clock", "application/json", body); err == nil {
			answer.Body.Close()
		}
	}()
	for m.Clock.Now().Equal(start) {
		runtime.Gosched()
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if now := m.Clock.Now(); !now.Before(start.Add(80_000 * time.Hour)) {
		t.Errorf("the clock went on to %s", now)
	}
}

// The clock may stand still. Then two replies to a letter are still two, and a button that is
// pressed twice sends one.
func TestRepliesFromTheMailboxAreToldApart(t *testing.T) {
	m := open(t)
	joined(t, m)
	for _, l := range letters(t, m) {
		if l.kind != "checkin" {
			continue
		}
		for _, words := range []string{"The first.", "The second.", "The second."} {
			submit(t, m, "/local/messages/"+l.id+"/reply", url.Values{"words": {words}})
		}
	}
	if got := people(t, m)[0].Replies; got != 2 {
		t.Errorf("got %d replies, want 2", got)
	}
}

func TestLocalToolsRefuseWhatTheyCannotDo(t *testing.T) {
	m := open(t)
	for _, c := range []struct {
		path, body string
		status     int
	}{
		{"/local/clock", `{"advance":"yesterday"}`, 400},
		{"/local/clock", `{"advance":"-1h"}`, 400},
		{"/local/clock", `{"advance":"1h","set":"2026-03-01T07:00:00Z"}`, 400},
		{"/local/clock", `{"set":"2026-02-01T07:00:00Z"}`, 400}, // back in time
		{"/local/clock", `{}`, 400},
		{"/local/clock", `nonsense`, 400},
		{"/local/clock", `{"advance":"90m"}`, 200},
		{"/local/feedback", `{"message":"000000000009","event":"bounce"}`, 404},
		{"/local/feedback", `{"message":"x","event":"bounce"}`, 404},
		{"/local/inbound", ``, 400},
	} {
		answer, err := http.Post(m.SiteURL()+c.path, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != c.status {
			t.Errorf("POST %s %s: got %s, want %d", c.path, c.body, answer.Status, c.status)
		}
	}
}
