//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
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

// startEmulator installs ministack if need be, and makes it the account of all that the test starts. It holds every call to IAM's
// policies, so that a role which lacks something shows; mail is where its functions find SES.
func startEmulator(t *testing.T, mail string) *emulators.Emulator {
	t.Helper()
	run(t, filepath.Join(root(t), "infra/tools/python-tool.sh"), "ministack")
	t.Setenv("MEND_MINISTACK", filepath.Join(root(t), ".tools/ministack/bin/python"))
	t.Setenv("SAM_CLI_TELEMETRY", "0")
	e := emulators.Ministack(t, "AUTH=true", "AWS_ENDPOINT_URL_SESV2="+mail)
	e.Use(t)
	return e
}

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
	t.Logf("%6.1f s  %s %s", time.Since(began).Seconds(), filepath.Base(name), strings.Join(args[:min(len(args), 2)], " "))
	return string(out)
}

// architecture is this machine's, in SAM's words.
func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}

// postbox answers SendEmail of SES v2 and keeps what it was handed, every byte of it.
type postbox struct {
	server *httptest.Server
	now    func() time.Time

	mu      sync.Mutex
	letters []posted
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

func newPostbox(t *testing.T) *postbox {
	p := &postbox{now: time.Now}
	p.server = httptest.NewServer(p)
	t.Cleanup(p.server.Close)
	return p
}

func (p *postbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var l posted
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &l)
	}
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v2/email/outbound-emails" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l.ID, l.At = fmt.Sprintf("0102%08d", len(p.letters)), p.now()
	p.letters = append(p.letters, l)
	_ = json.NewEncoder(w).Encode(map[string]string{"MessageId": l.ID})
}

func (p *postbox) all() []posted {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.letters[:len(p.letters):len(p.letters)]
}

// front stands between browsers and the API: the emulator serves an API below a path, Mend a whole origin.
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
