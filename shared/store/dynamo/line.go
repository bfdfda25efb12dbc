package dynamo

import (
	"bytes"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// inMemory hands every request to net/http as bytes in memory, which it then sends in one write.
//
// The SDK's own body is a stream that the SDK closes as soon as the answer begins. If net/http has not
// looked yet whether the stream is at its end, it takes the closed one for a broken one and
// cuts the connection in the middle of the answer: on a busy machine (a function's share of
// a processor is one) answers to writes were lost for nothing. Besides, net/http
// can send such a request again by itself where a connection turns out to be dead before it was written to.
type inMemory struct{ client dynamodb.HTTPClient }

func (m inMemory) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = r.GetBody()
	}
	return m.client.Do(r)
}
