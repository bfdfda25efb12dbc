package sqs

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/mend"
)

const url = "https://sqs.eu-central-1.amazonaws.com/1/send"

// fake speaks SQS's protocol. It keeps what it takes, and refuses each body in refuse as often as
// it says.
type fake struct {
	batches [][]string
	refuse  map[string]int
	says    string // in place of a true answer
	status  int
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		QueueUrl string
		Entries  []struct{ Id, MessageBody string }
	}
	if f.status != 0 {
		w.WriteHeader(f.status)
		return
	}
	if f.says != "" {
		_, _ = io.WriteString(w, f.says)
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.QueueUrl != url ||
		r.Header.Get("X-Amz-Target") != "AmazonSQS.SendMessageBatch" ||
		r.Header.Get("Content-Type") != "application/x-amz-json-1.0" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	type result struct{ Id, Code, Message string }
	out := struct{ Successful, Failed []result }{}
	var taken []string
	for _, e := range in.Entries {
		if f.refuse[e.MessageBody] > 0 {
			f.refuse[e.MessageBody]--
			out.Failed = append(out.Failed, result{e.Id, "ServiceUnavailable", "later"})
			continue
		}
		taken = append(taken, e.MessageBody)
		out.Successful = append(out.Successful, result{Id: e.Id})
	}
	f.batches = append(f.batches, taken)
	_ = json.NewEncoder(w).Encode(out)
}

func send(t *testing.T, f *fake, bodies ...string) error {
	t.Helper()
	server := httptest.NewServer(f)
	defer server.Close()
	raw := make([]mend.Message, len(bodies))
	for i, b := range bodies {
		raw[i].Body = []byte(b)
	}
	return at(server.URL).Send(t.Context(), mend.SendQueue, raw...)
}

func at(endpoint string) *Queues {
	return New(aws.Config{
		Region: "eu-central-1", BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	}, map[mend.QueueName]string{mend.SendQueue: url})
}

func TestBatchesKeepToTheQuotas(t *testing.T) {
	big := strings.Repeat("x", 600<<10)
	for _, test := range []struct {
		name   string
		bodies []string
		sizes  []int
	}{
		{"none", nil, nil},
		{"ten at most", strings.Split("abcdefghijklmnopqrstuvwxy", ""), []int{10, 10, 5}},
		{"1 MiB at most", []string{big, big, "a"}, []int{1, 2}},
	} {
		f := &fake{}
		if err := send(t, f, test.bodies...); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		var sizes []int
		for _, b := range f.batches {
			sizes = append(sizes, len(b))
		}
		if !slices.Equal(sizes, test.sizes) {
			t.Errorf("%s: batches of %v, want %v", test.name, sizes, test.sizes)
		}
		if got := slices.Concat(f.batches...); !slices.Equal(got, test.bodies) {
			t.Errorf("%s: %d messages were sent, want %d in order", test.name, len(got), len(test.bodies))
		}
	}
}

func TestWhatABatchLeavesUndoneIsSentOnceMore(t *testing.T) {
	f := &fake{refuse: map[string]int{"b": 1}}
	if err := send(t, f, "a", "b", "c"); err != nil {
		t.Fatal(err)
	}
	if got := slices.Concat(f.batches...); !slices.Equal(got, []string{"a", "c", "b"}) {
		t.Errorf("sent %q, want each once", got)
	}
	f = &fake{refuse: map[string]int{"b": 2}}
	if err := send(t, f, "a", "b"); err == nil {
		t.Error("a message that was refused twice: no error")
	}
}

func TestErrorsAreReturned(t *testing.T) {
	if err := send(t, &fake{status: http.StatusForbidden}, "a"); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("refused: got %v", err)
	}
	for _, says := range []string{"{}", "<html>", `{"Successful":[{"Id":"0"},{"Id":"1"}]}`} {
		if err := send(t, &fake{says: says}, "a"); err == nil {
			t.Errorf("the answer %s: no error", says)
		}
	}
	if err := at("http://127.0.0.1:1").Send(t.Context(), mend.NowQueue,
		mend.Message{Body: []byte("a")}); err == nil || !strings.Contains(err.Error(), "no queue") {
		t.Errorf("a queue that this function does not have: got %v", err)
	}
}
