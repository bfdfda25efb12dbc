package ses

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/mend"
)

// mailer sends to an endpoint.
func mailer(endpoint string) *Mailer {
	return New(account, Config{From: mend.StoredAddress("letters@mend.example"), Letters: "letters",
		Evidence: "evidence", Endpoint: endpoint})
}

var account = aws.Config{Region: "eu-central-1",
	Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b", SessionToken: "c"}, nil
	})}

func letterOf(kind mend.Kind) mend.Outgoing {
	return mend.Outgoing{
		To: mend.StoredAddress("ann@example.org"), Raw: []byte("Subject: hello\r\n\r\nHello.\r\n"), Kind: kind,
		Occurrence: "aaaaaaaaaaaaaaaa-20260302-01", Attempt: "cccccccccccccccc",
	}
}

func TestSend(t *testing.T) {
	var got struct {
		FromEmailAddress     string
		ConfigurationSetName string
		Destination          struct{ ToAddresses, CcAddresses, BccAddresses []string }
		Content              struct{ Raw struct{ Data []byte } }
		EmailTags            []struct{ Name, Value string }
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v2/email/outbound-emails" {
			t.Errorf("asked %s %s", r.Method, r.URL.Path)
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, `{"MessageId":"0102"}`)
	}))
	defer server.Close()
	for kind, set := range map[mend.Kind]string{
		mend.CheckIn: "letters", mend.Digest: "letters", mend.Welcome: "letters",
		mend.Confirmation: "evidence", mend.SignIn: "evidence", mend.PromiseKind: "evidence",
		mend.Reminder: "evidence", mend.Notice: "evidence",
	} {
		o := letterOf(kind)
		id, err := mailer(server.URL).Send(t.Context(), o)
		if id != "0102" || err != nil {
			t.Errorf("send: got %q, %v, want 0102", id, err)
		}
		if got.ConfigurationSetName != set {
			t.Errorf("%s goes by the set %q, want %q", kind, got.ConfigurationSetName, set)
		}
		if string(got.Content.Raw.Data) != string(o.Raw) || got.FromEmailAddress != "letters@mend.example" ||
			fmt.Sprint(got.Destination) != "{[ann@example.org] [] []}" ||
			fmt.Sprint(got.EmailTags) != "[{occurrence aaaaaaaaaaaaaaaa-20260302-01} {attempt cccccccccccccccc}]" {
			t.Errorf("SES was asked for %+v", got)
		}
	}
}

// Every answer is one request, and falls into one class.
func TestErrorsFallIntoClasses(t *testing.T) {
	classes := []error{mend.ErrNotSent, mend.ErrRefused, mend.ErrClosed}
	for _, test := range []struct {
		status  int
		code    string
		message string
		want    error // nil: nothing is known
	}{
		{400, "MessageRejected", "Email address is on the suppression list", mend.ErrRefused},
		{400, "BadRequestException", "Invalid MIME", mend.ErrRefused},
		{400, "MessageRejected", "Email address is not verified. The following identities failed the check in " +
			"region EU-CENTRAL-1: ann@example.org", mend.ErrNotSent}, // the sandbox
		{400, "MessageRejected", "Email address is not verified. The following identities failed the check in " +
			"region EU-CENTRAL-1: ann@example.org, letters@mend.example", mend.ErrClosed},
		{400, "SendingPausedException", "", mend.ErrClosed},
		{400, "AccountSuspendedException", "", mend.ErrClosed},
		{400, "LimitExceededException", "", mend.ErrClosed},
		{400, "MailFromDomainNotVerifiedException", "", mend.ErrClosed},
		{404, "NotFoundException", "Configuration set <letters> does not exist", mend.ErrClosed},
		{403, "AccessDeniedException", "", mend.ErrClosed},
		{403, "ExpiredTokenException", "", mend.ErrClosed},
		{429, "TooManyRequestsException", "Maximum sending rate exceeded.", mend.ErrNotSent},
		{400, "ThrottlingException", "Maximum sending rate exceeded.", mend.ErrNotSent},
		{429, "TooManyRequestsException", "Daily message quota exceeded.", mend.ErrClosed},
		{500, "InternalServiceErrorException", "", nil},
		{503, "ServiceUnavailable", "", nil},
		{418, "Teapot", "", nil},
		{307, "", "", nil}, // is not followed
	} {
		requests := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests++
			w.Header().Set("X-Amzn-Errortype", test.code)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(test.status)
			_ = json.NewEncoder(w).Encode(map[string]string{"message": test.message})
		}))
		_, err := mailer(server.URL).Send(t.Context(), letterOf(mend.CheckIn))
		server.Close()
		if err == nil {
			t.Errorf("%d %s: no error", test.status, test.code)
		}
		for _, class := range classes {
			if got, want := errors.Is(err, class), class == test.want; got != want {
				t.Errorf("%d %s %q: is %q: %v, want %v", test.status, test.code, test.message, class, got, want)
			}
		}
		if requests != 1 {
			t.Errorf("%d %s: %d requests, want 1: SES has no idempotency token", test.status, test.code, requests)
		}
	}
}

func TestALineThatGoesDead(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := "http://" + listener.Addr().String()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 1)) // took something, and says nothing
		_ = conn.Close()
	}()
	_, err = mailer(endpoint).Send(t.Context(), letterOf(mend.CheckIn))
	if err == nil || errors.Is(err, mend.ErrNotSent) || errors.Is(err, mend.ErrRefused) ||
		errors.Is(err, mend.ErrClosed) {
		t.Errorf("a reset after writing: got %v, want an error of no class", err)
	}
	_ = listener.Close()
	_, err = mailer(endpoint).Send(t.Context(), letterOf(mend.CheckIn))
	if !errors.Is(err, mend.ErrNotSent) {
		t.Errorf("nobody listens: got %v, want ErrNotSent", err)
	}
}

// Lambda freezes a process between two events, and the other end closes what lies idle. A letter
// that is written to such a connection is lost: nobody knows whether SES took it.
func TestAnIdleConnectionIsNotUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line, connections := newLine(), 0
		defer line.CloseIdleConnections()
		line.DialContext = func(context.Context, string, string) (net.Conn, error) {
			connections++
			ours, theirs := net.Pipe()
			go answerOnce(theirs)
			return ours, nil
		}
		cfg := Config{From: mend.StoredAddress("letters@mend.example"), Letters: "letters", Endpoint: "http://ses.test"}
		m := over(line, account, cfg)
		for _, pause := range []time.Duration{0, 10 * time.Second, time.Minute, time.Hour} {
			time.Sleep(pause)
			if _, err := m.Send(t.Context(), letterOf(mend.CheckIn)); err != nil {
				t.Errorf("after %s without a letter: %v", pause, err)
			}
		}
		if connections != 4 {
			t.Errorf("%d connections for four letters far apart, want 4", connections)
		}
	})
}

// answerOnce takes one letter, keeps the connection, and resets it when the next one comes.
func answerOnce(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	r, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"MessageId\":\"0102\"}")
	_, _ = in.ReadByte()
}
