package s3

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/mend"
)

// bucketServer answers as S3 does, as far as Blobs asks.
type bucketServer struct {
	mu      sync.Mutex
	objects map[string][]byte // by /bucket/key
}

func (b *bucketServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch data, there := b.objects[r.URL.Path]; {
	case strings.HasPrefix(r.URL.Path, "/gone/"):
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `<?xml version="1.0"?><Error><Code>NoSuchBucket</Code></Error>`)
	case r.Method == http.MethodPut && there && r.Header.Get("If-None-Match") == "*":
		w.WriteHeader(http.StatusPreconditionFailed)
		_, _ = io.WriteString(w, `<?xml version="1.0"?><Error><Code>PreconditionFailed</Code></Error>`)
	case r.Method == http.MethodPut:
		b.objects[r.URL.Path], _ = io.ReadAll(r.Body)
	case r.Method == http.MethodDelete:
		delete(b.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	case !there:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w,
			`<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>There is none.</Message></Error>`)
	default:
		_, _ = w.Write(data)
	}
}

func open(t *testing.T) (*Blobs, *bucketServer) {
	t.Helper()
	bucket := &bucketServer{objects: map[string][]byte{}}
	server := httptest.NewServer(bucket)
	t.Cleanup(server.Close)
	return New(aws.Config{
		Region: "eu-central-1", BaseEndpoint: &server.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	}, map[string]string{"raw": "mail", "journal": "journals", "lost": "gone"}), bucket
}

// This code cannot change what the journal says. An entry whose answer was lost is written once
// more without harm.
func TestAnEntryOfTheJournalIsNotWrittenOver(t *testing.T) {
	b, bucket := open(t)
	for _, words := range []string{"first", "second"} {
		for _, key := range []string{"journal/2026-03-01T06:00:00.000Z/a-stop", "raw/one"} {
			if err := b.Put(t.Context(), key, []byte(words)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := string(bucket.objects["/journals/journal/2026-03-01T06:00:00.000Z/a-stop"]); got != "first" {
		t.Errorf("the entry says %q, want what was first", got)
	}
	if got := string(bucket.objects["/mail/raw/one"]); got != "second" {
		t.Errorf("the mail is %q, want what was second", got)
	}
}

func TestBlobs(t *testing.T) {
	ctx := t.Context()
	b, bucket := open(t)
	for key, path := range map[string]string{"raw/one": "/mail/raw/one",
		"journal/2026-03-01T06:00:00.000Z/a-stop": "/journals/journal/2026-03-01T06:00:00.000Z/a-stop"} {
		if err := b.Put(ctx, key, []byte("words")); err != nil {
			t.Fatal(err)
		}
		if got := string(bucket.objects[path]); got != "words" {
			t.Errorf("%s holds %q, want the words", path, got)
		}
	}
	r, err := b.Open(ctx, "raw/one")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	_ = r.Close()
	if string(got) != "words" || err != nil {
		t.Errorf("read %q, %v, want what was put", got, err)
	}
	for range 2 {
		if err := b.Delete(ctx, "raw/one"); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if _, err := b.Open(ctx, "raw/one"); !errors.Is(err, mend.ErrNoBlob) {
		t.Errorf("open what was deleted: got %v, want ErrNoBlob", err)
	}
	// A mail that cannot be had is not one that is gone: its message has to come again.
	if _, err := b.Open(ctx, "lost/one"); err == nil || errors.Is(err, mend.ErrNoBlob) {
		t.Errorf("open in a bucket that is missing: got %v, want another error", err)
	}
}

func TestABucketThatAFunctionDoesNotHave(t *testing.T) {
	b := New(aws.Config{}, map[string]string{"raw": "mail"})
	if err := b.Put(t.Context(), "journal/x", nil); err == nil {
		t.Error("put: no error")
	}
	if _, err := b.Open(t.Context(), "journal/x"); err == nil || errors.Is(err, mend.ErrNoBlob) {
		t.Errorf("open: got %v, want an error that is not ErrNoBlob", err)
	}
	if err := b.Delete(t.Context(), "journal/x"); err == nil {
		t.Error("delete: no error")
	}
}
