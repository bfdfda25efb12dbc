// Package s3 keeps the blobs of a stack in Amazon S3: raw mail, which a lifecycle rule removes
// within days, and the restore journal, which outlives the table. Encryption, retention and who may
// read are the buckets' own settings; see template.yaml.
package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/signed"
)

// Blobs is a [mend.Blobs]. It may be used by many goroutines.
type Blobs struct {
	s3      *signed.Service
	buckets map[string]string
}

// New keeps blobs in the bucket that stands beside the first segment of their key, such as
// "raw" or "journal". A function is given the buckets that it needs and no others.
func New(cfg aws.Config, buckets map[string]string) *Blobs {
	return &Blobs{signed.New(cfg, "s3"), buckets}
}

// ask asks about one object.
func (b *Blobs) ask(ctx context.Context, method, key string, body []byte,
	header map[string]string) (*http.Response, error) {
	first, _, _ := strings.Cut(key, "/")
	bucket := b.buckets[first]
	if bucket == "" {
		return nil, fmt.Errorf("this function has no bucket for %q", first)
	}
	return b.s3.Ask(ctx, signed.Request{Method: method, Host: bucket, Path: "/" + key, Body: body, Header: header})
}

// journal begins the keys of what is written once. An entry's key says all that is in it, so one
// that is there already is as good.
const journal = "journal/"

// Put keeps data under a key, in place of what was there; but an entry of the journal is never
// written over. S3 takes data only whole: its hash is in the signature.
func (b *Blobs) Put(ctx context.Context, key string, data []byte) error {
	var header map[string]string
	if strings.HasPrefix(key, journal) {
		header = map[string]string{"If-None-Match": "*"}
	}
	answer, err := b.ask(ctx, http.MethodPut, key, data, header)
	if refusal, ok := errors.AsType[*signed.Refusal](err); ok && refusal.Status == http.StatusPreconditionFailed {
		return nil
	}
	if err != nil {
		return fmt.Errorf("put a blob: %w", err)
	}
	return answer.Body.Close()
}

// Open reads what is under a key. It returns [mend.ErrNoBlob] if there is nothing, which S3 only
// says to those who may list the bucket: to others a missing object is a forbidden one.
func (b *Blobs) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	answer, err := b.ask(ctx, http.MethodGet, key, nil, nil)
	if refusal, ok := errors.AsType[*signed.Refusal](err); ok && refusal.Status == http.StatusNotFound &&
		strings.Contains(refusal.Text, "NoSuchKey") {
		return nil, mend.ErrNoBlob // and not where the bucket itself is missing
	}
	if err != nil {
		return nil, fmt.Errorf("get a blob: %w", err)
	}
	return answer.Body, nil
}

// Delete removes what is under a key, or does nothing.
func (b *Blobs) Delete(ctx context.Context, key string) error {
	answer, err := b.ask(ctx, http.MethodDelete, key, nil, nil)
	if err != nil {
		return fmt.Errorf("delete a blob: %w", err)
	}
	return answer.Body.Close()
}
