//go:build bench

package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const rounds = 31

// environment is a complete one: what template.yaml and Lambda set.
var environment = []string{
	"AWS_REGION=eu-central-1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_ACCESS_KEY_ID=a",
	"AWS_SECRET_ACCESS_KEY=b", "AWS_SESSION_TOKEN=c",
	"MEND_STACK=mend", "MEND_TEST_CLOCK=off", "MEND_TABLE=mend-Table", "MEND_KEYS=/mend/mend/keys",
	"MEND_SEND_QUEUE=https://sqs.eu-central-1.amazonaws.com/1/send",
	"MEND_NOW_QUEUE=https://sqs.eu-central-1.amazonaws.com/1/now",
	"MEND_MAIL_BUCKET=mend-mail", "MEND_JOURNAL_BUCKET=mend-journal", "MEND_SITE=https://mend.example",
	"MEND_REPLY_DOMAIN=reply.mend.example", "MEND_FROM=letters@mend.example", "MEND_LETTERS_SET=mend-letters",
	"MEND_EVIDENCE_SET=mend-evidence", "MEND_RUNNING=yes", "MEND_SEND_RATE=10000", "MEND_SENDERS=2", "MEND_CONTACT=",
}

// The times of all functions are taken in turns, so that whatever else the machine does
// is shared among them.
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
		build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w",
			"-o", binaries[name], source)
		build.Dir, build.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", name, err, out)
		}
	}
	cloud := httptest.NewServer(http.HandlerFunc(stack))
	defer cloud.Close()
	environment := append(environment, "AWS_ENDPOINT_URL="+cloud.URL)
	firsts := map[string][]time.Duration{}
	for range rounds {
		for _, name := range names {
			ready, first := start(t, binaries[name], environment, events[name])
			times[name] = append(times[name], ready)
			firsts[name] = append(firsts[name], first)
		}
	}
	least := median(times["nothing"])
	fmt.Printf("%-10s %8s %14s %10s %18s  %s\n",
		"function", "MiB", "ready in ms", "× nothing", "first event in ms", "which is")
	for _, name := range names {
		info, err := os.Stat(binaries[name])
		if err != nil {
			t.Fatal(err)
		}
		took := median(times[name])
		fmt.Printf("%-10s %8.1f %14.1f %10.2f %18.1f  %s\n", name, float64(info.Size())/(1<<20), ms(took),
			float64(took)/float64(least), ms(median(firsts[name])), events[name].is)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// event is the first that a function is given. What was not read at its start is read
// now, and shows here.
type event struct{ is, text string }

var events = map[string]event{
	"nothing": {"anything", `{}`},
	"web": {
		"the landing page, with a letter composed for it",
		`{"version":"2.0","routeKey":"$default","rawPath":"/","headers":{"host":"mend.example"},"requestContext":{` +
			`"http":{"method":"GET","path":"/","sourceIp":"192.0.2.1"},"domainName":"mend.example"},` +
			`"isBase64Encoded":false}`,
	},
	"dispatch": {"a tick without anybody", `{"source":"aws.scheduler","detail-type":"Scheduled Event"}`},
	"send": {
		"a one-off that was taken back",
		message(`{"date":"2026-03-02","due":"2026-03-02T08:00:00Z",` +
			`"members":[{"person":"aaaaaaaaaaaaaaaa","oneOff":"bbbbbbbb"}]}`),
	},
	"reply": {
		"a mail that is gone",
		message(notification(`{"notificationType":"Received","receipt":{"timestamp":"2026-03-02T08:01:00.000Z",` +
			`"recipients":["r+a@reply.mend.example"],"action":{"type":"S3","objectKey":"raw/a"}}}`)),
	},
	"feedback": {
		"a bounce of a letter of nobody's",
		message(notification(`{"eventType":"Bounce","bounce":{"bounceType":"Permanent"},` +
			`"mail":{"messageId":"a","timestamp":"2026-03-02T08:01:00.000Z","tags":{}}}`)),
	},
}

func message(body string) string {
	return fmt.Sprintf(`{"Records":[{"messageId":"1","eventSource":"aws:sqs","body":%q}]}`, body)
}

func notification(text string) string {
	return fmt.Sprintf(`{"Type":"Notification","Message":%q}`, text)
}

// stack stands in for a stack in which there are keys, and nobody: every table, bucket
// and queue is empty.
func stack(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AmazonSSM."):
		secret := strings.Repeat("k", 42) + "k="
		fmt.Fprintf(w, `{"Parameters":[{"Name":"/mend/mend/keys/links/1","Value":%q,"LastModifiedDate":1}]}`, secret)
	case strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".BatchExecuteStatement"): // the page is not there
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		fmt.Fprint(w, `{"Responses":[{"Error":{"Code":"ConditionalCheckFailed"}}]}`)
	case strings.HasPrefix(r.Header.Get("X-Amz-Target"), "DynamoDB_"):
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		fmt.Fprint(w, `{}`)
	case r.Method == http.MethodDelete: // S3 deletes what is gone
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `<Error><Code>NoSuchKey</Code></Error>`)
	}
}

// start runs a binary against a stand-in for Lambda's Runtime API, and takes the time from exec
// until it asks for an event, and from there until it has answered its first.
func start(t *testing.T, binary string, environment []string, e event) (ready, first time.Duration) {
	t.Helper()
	asked, answered := make(chan time.Time, 1), make(chan time.Time, 1)
	done := make(chan struct{})
	var handed atomic.Bool
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost: // a response, or an error
			body, _ := io.ReadAll(r.Body)
			if strings.HasSuffix(r.URL.Path, "/error") || strings.Contains(string(body), `"itemIdentifier"`) {
				t.Errorf("%s answers %s with %s", filepath.Base(binary), e.is, body)
			}
			answered <- time.Now()
			w.WriteHeader(http.StatusAccepted)
		case handed.CompareAndSwap(false, true):
			asked <- time.Now()
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(20*time.Second).UnixMilli()))
			fmt.Fprint(w, e.text)
		default:
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
	late := time.After(10 * time.Second)
	var at time.Time
	select {
	case at = <-asked:
	case <-late:
		t.Fatalf("%s asks for no event: %s", filepath.Base(binary), said.String())
	}
	select {
	case end := <-answered:
		return at.Sub(began), end.Sub(at)
	case <-late:
		t.Fatalf("%s does not answer %s: %s", filepath.Base(binary), e.is, said.String())
	}
	return 0, 0
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}
