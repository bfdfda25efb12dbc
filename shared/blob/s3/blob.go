// Package s3 keeps the blobs of a stack in Amazon S3: raw mail, which a lifecycle rule removes within days, and
// the restore journal, which outlives the table. Encryption, retention and who may read are the buckets'
// own settings; see template.yaml.
package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"example.org/mend/shared/service"
)

// Blobs is a [service.Blobs]. It may be used by many goroutines.
type Blobs struct {
	client  *s3.Client
	buckets map[string]string
}

// New keeps blobs in the bucket that stands beside the first segment of their key, such as
// "raw" or "journal". A function is given the buckets that it needs and no others.
func New(client *s3.Client, buckets map[string]string) *Blobs { return &Blobs{client, buckets} }

// FromConfig is New with a client of its own. Emulators are asked by path, Amazon by the bucket's host name.
func FromConfig(cfg aws.Config, emulated bool, buckets map[string]string) *Blobs {
	return New(s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = emulated }), buckets)
}

func (b *Blobs) bucket(key string) (*string, error) {
	first, _, _ := strings.Cut(key, "/")
	bucket := b.buckets[first]
	if bucket == "" {
		return nil, fmt.Errorf("this function has no bucket for %q", first)
	}
	return &bucket, nil
}

// Put keeps data under a key, in place of what was there.
func (b *Blobs) Put(ctx context.Context, key string, data []byte) error {
	bucket, err := b.bucket(key)
	if err != nil {
		return err
	}
	_, err = b.client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: bytes.NewReader(data)})
	if err != nil {
		return fmt.Errorf("put a blob: %w", err)
	}
	return nil
}

// Open reads what is under a key. It returns [service.ErrNoBlob] if there is nothing, which S3 only says to those
// who may list the bucket: to others a missing object is a forbidden one.
func (b *Blobs) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	bucket, err := b.bucket(key)
	if err != nil {
		return nil, err
	}
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: &key})
	var none *types.NoSuchKey
	if errors.As(err, &none) {
		return nil, service.ErrNoBlob
	}
	if err != nil {
		return nil, fmt.Errorf("get a blob: %w", err)
	}
	return out.Body, nil
}

// Delete removes what is under a key, or does nothing.
func (b *Blobs) Delete(ctx context.Context, key string) error {
	bucket, err := b.bucket(key)
	if err != nil {
		return err
	}
	if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: &key}); err != nil {
		return fmt.Errorf("delete a blob: %w", err)
	}
	return nil
}
