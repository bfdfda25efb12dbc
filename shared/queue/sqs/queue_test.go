package sqs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"example.org/mend/shared/service"
)

// fake keeps what it takes, and refuses each body in refuse as often as it says.
type fake struct {
	url     string
	batches [][]string
	refuse  map[string]int
	err     error
}

func (f *fake) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	if f.err != nil {
		return nil, f.err
	}
	f.url = aws.ToString(in.QueueUrl)
	out := &sqs.SendMessageBatchOutput{}
	var taken []string
	for _, e := range in.Entries {
		body := aws.ToString(e.MessageBody)
		if f.refuse[body] > 0 {
			f.refuse[body]--
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: aws.String("ServiceUnavailable")})
			continue
		}
		taken = append(taken, body)
	}
	f.batches = append(f.batches, taken)
	return out, nil
}

func send(f *fake, bodies ...string) error {
	q := New(f, map[service.QueueName]string{service.SendQueue: "https://sqs/send"})
	raw := make([][]byte, len(bodies))
	for i, b := range bodies {
		raw[i] = []byte(b)
	}
	return q.Send(context.Background(), service.SendQueue, raw...)
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
		if err := send(f, test.bodies...); err != nil {
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
	if err := send(f, "a", "b", "c"); err != nil {
		t.Fatal(err)
	}
	if got := slices.Concat(f.batches...); !slices.Equal(got, []string{"a", "c", "b"}) {
		t.Errorf("sent %q, want each once", got)
	}
	f = &fake{refuse: map[string]int{"b": 2}}
	if err := send(f, "a", "b"); err == nil {
		t.Error("a message that was refused twice: no error")
	}
}

func TestErrorsAreReturned(t *testing.T) {
	broken := errors.New("broken")
	if err := send(&fake{err: broken}, "a"); !errors.Is(err, broken) {
		t.Errorf("got %v, want it to wrap %v", err, broken)
	}
	q := New(&fake{}, nil)
	if err := q.Send(context.Background(), service.NowQueue, []byte("a")); err == nil {
		t.Error("a queue that this function does not have: no error")
	}
}
