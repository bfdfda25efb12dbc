//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/mend/infra/emulators"
)

// root is the folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// startEmulator installs ministack if need be, and makes it the account of all that the test
// starts. It holds every call to IAM's policies, so that a role which lacks something shows; mail
// is where its functions find SES.
func startEmulator(t *testing.T, mail string) *emulators.Emulator {
	t.Helper()
	run(t, filepath.Join(root(t), "infra/tools/python-tool.sh"), "ministack")
	t.Setenv("MEND_MINISTACK", filepath.Join(root(t), ".tools/ministack/bin/python"))
	t.Setenv("SAM_CLI_TELEMETRY", "0")
	e := emulators.Ministack(t, "AUTH=true", "AWS_ENDPOINT_URL_SESV2="+mail,
		fmt.Sprintf("LAMBDA_ACCOUNT_CONCURRENCY=%d", accountRuns))
	e.Use(t)
	return e
}

// accountRuns is how many functions a new account runs at once. More are throttled.
const accountRuns = 10

// run runs a command in the repository, and fails the test with its output if it fails.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	began := time.Now()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = root(t)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	t.Logf("%6.1f s  %s %s", time.Since(began).Seconds(), filepath.Base(name),
		strings.Join(args[:min(len(args), 2)], " "))
	return string(out)
}

// architecture is this machine's, in SAM's words.
func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// postbox answers SendEmail of SES v2 and keeps what it was handed, every byte of it. It is as
// strict as SES is with a new account: it refuses what the sender's role does not allow, and resets
// a connection that has been idle.
type postbox struct {
	server *httptest.Server
	now    func() time.Time

	mu      sync.Mutex
	last    time.Time // of a request
	letters []posted
	refused []string                                 // what was not handed over, and why
	allows  func(action, arn, from string) (ok bool) // by the role of the send function; nil: everything
}

// posted is one call of SendEmail.
type posted struct {
	ID                   string `json:"-"`
	At                   time.Time
	FromEmailAddress     string
	ConfigurationSetName string
	Destination          struct{ ToAddresses []string }
	Content              struct{ Raw struct{ Data []byte } }
	EmailTags            []struct{ Name, Value string }
}

// lastUse is when a connection carried a request.
type lastUse struct{ at time.Time }

type lastUseKey struct{}

func newPostbox(t *testing.T) *postbox {
	p := &postbox{now: time.Now}
	p.server = httptest.NewUnstartedServer(p)
	p.server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, lastUseKey{}, &lastUse{})
	}
	p.server.Start()
	t.Cleanup(p.server.Close)
	return p
}

// idle is after how long a connection is taken for dead: while Lambda freezes a function, its
// connections are closed.
const idle = 6 * time.Second

func (p *postbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
	use := r.Context().Value(lastUseKey{}).(*lastUse)
	if !use.at.IsZero() && time.Since(use.at) > idle {
		p.refused = append(p.refused, fmt.Sprintf("a connection that was idle for %s was used again",
			time.Since(use.at).Round(time.Second)))
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
		return
	}
	use.at = time.Now()
	var l posted
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &l)
	}
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v2/email/outbound-emails" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if why := p.refusal(l); why != "" {
		p.refused = append(p.refused, why)
		w.Header().Set("X-Amzn-ErrorType", "AccessDeniedException")
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": why})
		return
	}
	l.ID, l.At = fmt.Sprintf("0102%08d", len(p.letters)), p.now()
	p.letters = append(p.letters, l)
	_ = json.NewEncoder(w).Encode(map[string]string{"MessageId": l.ID})
}

// untilIdle waits until every connection has been idle for so long that it is taken for dead.
func (p *postbox) untilIdle(t *testing.T) {
	t.Helper()
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for {
		p.mu.Lock()
		last := p.last
		p.mu.Unlock()
		if time.Since(last) > idle+time.Second {
			return
		}
		select {
		case <-poll.C:
		case <-t.Context().Done():
			t.Fatal("the test ends while a connection rests")
		}
	}
}

// refusal is why SES's sandbox would not take a letter: it asks for the right to the sender's
// identity, the recipient's, and the configuration set.
func (p *postbox) refusal(l posted) string {
	if p.allows == nil {
		return ""
	}
	_, domain, _ := strings.Cut(l.FromEmailAddress, "@")
	for _, thing := range append([]string{"identity/" + domain, "configuration-set/" + l.ConfigurationSetName},
		identities(l.Destination.ToAddresses)...) {
		if arn := "arn:aws:ses:" + emulators.Region + ":000000000000:" + thing; !p.allows("ses:SendRawEmail", arn,
			l.FromEmailAddress) {
			return "not authorized to perform `ses:SendRawEmail' on resource `" + arn + "'"
		}
	}
	return ""
}

func identities(addresses []string) (all []string) {
	for _, address := range addresses {
		all = append(all, "identity/"+address)
	}
	return all
}

// refusals are why letters were not taken.
func (p *postbox) refusals() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused[:len(p.refused):len(p.refused)]
}

func (p *postbox) all() []posted {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.letters[:len(p.letters):len(p.letters)]
}

// front stands between browsers and the API: the emulator serves an API below a path, Mend a whole
// origin.
type front struct {
	server *httptest.Server

	mu sync.Mutex
	to *url.URL
}

func newFront(t *testing.T) *front {
	f := &front{}
	f.server = httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		f.mu.Lock()
		defer f.mu.Unlock()
		r.SetURL(f.to)
	}})
	t.Cleanup(f.server.Close)
	return f
}

func (f *front) open(t *testing.T, to string) {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.to = u
}
