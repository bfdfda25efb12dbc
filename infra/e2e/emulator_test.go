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
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const region = "eu-central-1"

// emulator is ministack in a process of its own. It holds every call to IAM's policies, so that a
// role which lacks something shows.
type emulator struct {
	endpoint string
	log      string // file
	env      []string
}

// root is the folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// startEmulator installs ministack if need be and starts it; mail is where its functions find SES.
func startEmulator(t *testing.T, mail string) *emulator {
	t.Helper()
	run(t, nil, filepath.Join(root(t), "infra/tools/ministack.sh"))
	port := freePort(t)
	e := &emulator{endpoint: fmt.Sprintf("http://127.0.0.1:%d", port), log: filepath.Join(t.TempDir(), "ministack.log")}
	for _, variable := range os.Environ() { // nobody's real account
		if !strings.HasPrefix(variable, "AWS_") {
			e.env = append(e.env, variable)
		}
	}
	e.env = append(e.env, "AWS_ENDPOINT_URL="+e.endpoint, "AWS_REGION="+region, "AWS_DEFAULT_REGION="+region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_EC2_METADATA_DISABLED=true", "SAM_CLI_TELEMETRY=0")
	log, err := os.Create(e.log)
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(filepath.Join(root(t), ".tools/ministack/bin/ministack"))
	process.Env = append(e.env[:len(e.env):len(e.env)], fmt.Sprintf("GATEWAY_PORT=%d", port), "AUTH=true",
		"MINISTACK_REGION="+region, "AWS_ENDPOINT_URL_SESV2="+mail)
	process.Stdout, process.Stderr = log, log
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with the functions that it starts
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-process.Process.Pid, syscall.SIGKILL)
		_ = process.Wait()
		_ = log.Close()
	})
	e.await(t)
	return e
}

// await waits until the emulator answers.
func (e *emulator) await(t *testing.T) {
	t.Helper()
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for late := time.After(time.Minute); ; {
		if answer, err := http.Get(e.endpoint + "/_ministack/health"); err == nil {
			_ = answer.Body.Close()
			return
		}
		select {
		case <-poll.C:
		case <-late:
			t.Fatalf("ministack does not answer:\n%s", e.lastLog(t))
		}
	}
}

func (e *emulator) wholeLog(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(e.log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (e *emulator) lastLog(t *testing.T) string {
	t.Helper()
	text := e.wholeLog(t)
	return text[max(0, len(text)-6000):]
}

// config is the test's own access to the emulator, as the account's root.
func (e *emulator) config() aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: &e.endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// run runs a command in the repository, and fails the test with its output if it fails.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	began := time.Now()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env = root(t), env
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
