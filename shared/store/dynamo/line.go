package dynamo

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// answersWithin is how long one request may take, answer and all. DynamoDB's own take milliseconds;
// what takes longer is a connection that hangs, and without a limit it would hang until the
// function's end, and its claims with it.
const answersWithin = 2 * time.Second

// line hands every request to net/http as bytes in memory, which it then sends in one write, and
// waits so long for the answer.
//
// The SDK's own body is a stream that the SDK closes as soon as the answer begins. If net/http has
// not looked yet whether the stream is at its end, it takes the closed one for a broken one and
// cuts the connection in the middle of the answer: on a busy machine (a function's share of a
// processor is one) answers to writes were lost for nothing. Besides, net/http can send such a
// request again by itself where a connection turns out to be dead before it was written to.
type line struct {
	client dynamodb.HTTPClient
	within time.Duration
}

func (l line) Do(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), l.within)
	r = r.WithContext(ctx)
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			cancel()
			return nil, err
		}
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = r.GetBody()
	}
	response, err := l.client.Do(r)
	if err != nil {
		cancel()
		return nil, err
	}
	response.Body = limited{response.Body, cancel}
	return response, nil
}

// limited is an answer's body, whose time is over when it is closed.
type limited struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (l limited) Close() error {
	defer l.cancel()
	return l.ReadCloser.Close()
}
