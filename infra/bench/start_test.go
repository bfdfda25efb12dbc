//go:build bench

package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const rounds = 31

// environment is a complete one: what template.yaml and Lambda set.
var environment = []string{
	"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "AWS_SESSION_TOKEN=c",
	"MEND_STACK=mend", "MEND_TEST_CLOCK=off", "MEND_TABLE=mend-Table", "MEND_KEYS=/mend/mend/keys",
	"MEND_SEND_QUEUE=https://sqs.eu-central-1.amazonaws.com/1/send", "MEND_NOW_QUEUE=https://sqs.eu-central-1.amazonaws.com/1/now",
	"MEND_MAIL_BUCKET=mend-mail", "MEND_JOURNAL_BUCKET=mend-journal", "MEND_SITE=https://mend.example",
	"MEND_REPLY_DOMAIN=reply.mend.example", "MEND_FROM=letters@mend.example", "MEND_LETTERS_SET=mend-letters",
	"MEND_EVIDENCE_SET=mend-evidence", "MEND_SEND_RATE=14", "MEND_SENDERS=2",
}

// The times of all functions are taken in turns, so that whatever else the machine does is shared among them.
func TestColdStarts(t *testing.T) {
	dir := t.TempDir()
	names := []string{"nothing", "web", "dispatch", "send", "reply", "feedback"}
	binaries, times := map[string]string{}, map[string][]time.Duration{}
	for _, name := range names {
		source := "./functions/" + name + "/bootstrap"
		if name == "nothing" {
			source = "./infra/bench/nothing"
		}
		binaries[name] = filepath.Join(dir, name)
		build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", binaries[name], source)
		build.Dir, build.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", name, err, out)
		}
	}
	for range rounds {
		for _, name := range names {
			times[name] = append(times[name], ready(t, binaries[name]))
		}
	}
	least := median(times["nothing"])
	fmt.Printf("%-10s %8s %14s %10s\n", "function", "MiB", "ready in ms", "× nothing")
	for _, name := range names {
		info, err := os.Stat(binaries[name])
		if err != nil {
			t.Fatal(err)
		}
		took := median(times[name])
		fmt.Printf("%-10s %8.1f %14.1f %10.1f\n", name, float64(info.Size())/(1<<20), float64(took.Microseconds())/1000, float64(took)/float64(least))
	}
}

// ready runs a binary against a stand-in for Lambda's Runtime API and takes the time until it asks for an event.
func ready(t *testing.T, binary string) time.Duration {
	t.Helper()
	asked := make(chan time.Time, 1)
	done := make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/runtime/invocation/next") {
			asked <- time.Now()
			<-done
		}
	}))
	defer api.Close()
	defer close(done)
	process := exec.Command(binary)
	process.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(api.URL, "http://")}, environment...)
	var said strings.Builder
	process.Stdout, process.Stderr = &said, &said
	began := time.Now()
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = process.Process.Kill(); _ = process.Wait() }()
	select {
	case at := <-asked:
		return at.Sub(began)
	case <-time.After(10 * time.Second):
		t.Fatalf("%s asks for no event: %s", filepath.Base(binary), said.String())
		return 0
	}
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}
