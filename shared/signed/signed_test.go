package signed_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/signed"
)

func open(t *testing.T, handle http.HandlerFunc) *signed.Service {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return signed.New(config(server.URL), "s3")
}

func config(endpoint string) aws.Config {
	cfg := aws.Config{
		Region: "eu-central-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIA", SecretAccessKey: "s", SessionToken: "token"}, nil
		}),
	}
	if endpoint != "" {
		cfg.BaseEndpoint = &endpoint
	}
	return cfg
}

func TestARequestIsSigned(t *testing.T) {
	s := open(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPut ||
			r.URL.EscapedPath() != "/bucket/journal/2026-03-01T06%3A00%3A00.000Z/a%20b%2Bc" || string(body) != "words" {
			t.Errorf("asked %s %s with %q", r.Method, r.URL.EscapedPath(), body)
		}
		signature := r.Header.Get("Authorization")
		if !strings.HasPrefix(signature, "AWS4-HMAC-SHA256 Credential=AKIA/") ||
			!strings.Contains(signature, "/eu-central-1/s3/aws4_request") ||
			!strings.Contains(signature, "x-amz-content-sha256") || !strings.Contains(signature,
			"x-amz-security-token") {
			t.Errorf("signed %q", signature)
		}
		_, _ = io.WriteString(w, "done")
	})
	answer, err := s.Ask(t.Context(), signed.Request{
		Method: http.MethodPut, Host: "bucket", Path: "/journal/2026-03-01T06:00:00.000Z/a b+c", Body: []byte("words"),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); string(text) != "done" {
		t.Errorf("answered %q", text)
	}
}

// line answers with each of these statuses in turn, 0 for a connection that is cut, and keeps where
// it was asked.
type line struct {
	statuses []int
	asked    []string
}

func (l *line) Do(r *http.Request) (*http.Response, error) {
	l.asked = append(l.asked, r.URL.String())
	status := l.statuses[0]
	l.statuses = l.statuses[1:]
	if status == 0 {
		return nil, errors.New("cut")
	}
	text := map[int]string{400: `{"__type":"ThrottlingException"}`, 403: "<Code>AccessDenied</Code>"}[status]
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(text))}, nil
}

func TestABusyServiceIsAskedAgain(t *testing.T) {
	for _, test := range []struct {
		statuses []int
		asked    int
		status   int // of the refusal; −1 for an error of the line
	}{
		// 400 is throttled
		{[]int{200}, 1, 0}, {[]int{204}, 1, 0}, {[]int{503, 429, 200}, 3, 0}, {[]int{400, 0, 200}, 3, 0},
		{[]int{500, 500, 500}, 3, 500}, {[]int{403}, 1, 403}, {[]int{404}, 1, 404}, {[]int{0, 0, 0}, 3, -1},
	} {
		l := &line{statuses: test.statuses}
		cfg := config("")
		cfg.HTTPClient = l
		var err error
		synctest.Test(t, func(t *testing.T) { // time passes at once
			_, err = signed.New(cfg, "sqs").Ask(t.Context(), signed.Request{Method: http.MethodPost})
		})
		var refusal *signed.Refusal
		status := 0
		if errors.As(err, &refusal) {
			status = refusal.Status
		} else if err != nil {
			status = -1
		}
		if len(l.asked) != test.asked || status != test.status {
			t.Errorf("%v: asked %d times, got %v; want %d and status %d", test.statuses, len(l.asked), err,
				test.asked, test.status)
		}
	}
}

func TestAConnectionThatHangsIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lines := 0
		client := signed.PatientOver(func() net.Conn {
			ours, theirs := net.Pipe()
			hangs := lines == 0
			lines++
			go func() {
				defer theirs.Close()
				if _, err := http.ReadRequest(bufio.NewReader(theirs)); err != nil {
					return
				}
				if hangs {
					_, _ = io.Copy(io.Discard, theirs) // until the other end gives up
					return
				}
				_, _ = io.WriteString(theirs, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
			}()
			return ours
		})
		cfg := config("http://service.test")
		cfg.HTTPClient = client
		began := time.Now()
		answer, err := signed.New(cfg, "sqs").Ask(t.Context(), signed.Request{Method: http.MethodPost,
			Body: []byte("words")})
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if took := time.Since(began); lines != 2 || took > 4*time.Second {
			t.Errorf("%d connections and %s, want the second to answer within 4 s", lines, took)
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cfg := config("")
	cfg.HTTPClient = &line{statuses: []int{500, 500}}
	cancel()
	if _, err := signed.New(cfg, "sqs").Ask(ctx, signed.Request{Method: http.MethodPost}); !errors.Is(err,
		context.Canceled) {
		t.Errorf("got %v, want that the context ended", err)
	}
}

func TestEachServiceHasItsHost(t *testing.T) {
	for _, test := range []struct{ name, region, host, want string }{
		{"sqs", "eu-central-1", "", "https://sqs.eu-central-1.amazonaws.com/a"},
		{"s3", "us-east-1", "mend-mail", "https://mend-mail.s3.us-east-1.amazonaws.com/a"},
		{"ssm", "cn-north-1", "", "https://ssm.cn-north-1.amazonaws.com.cn/a"},
	} {
		l := &line{statuses: []int{200}}
		cfg := config("")
		cfg.Region, cfg.HTTPClient = test.region, l
		if _, err := signed.New(cfg, test.name).Ask(t.Context(), signed.Request{Method: http.MethodGet, Host: test.host,
			Path: "/a"}); err != nil || l.asked[0] != test.want {
			t.Errorf("%s in %s: asked %q, %v, want %s", test.name, test.region, l.asked, err, test.want)
		}
	}
}

// A secret that a service says back must not reach a log by way of an error.
func TestARefusalIsShort(t *testing.T) {
	r := &signed.Refusal{Status: 400, Text: strings.Repeat("x", 5000)}
	if len(r.Error()) > 400 {
		t.Errorf("%d bytes", len(r.Error()))
	}
}
