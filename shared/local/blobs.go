package local

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/mend"
)

// Blobs is what Mend uses of an Amazon S3 bucket (raw mail, the restore journal), under keys such
// as "raw/0001". A blob is in memory as a whole when it is kept or read; what comes from outside is
// limited before it is kept. It implements [mend.Blobs], and lists the restore journal.
type Blobs struct {
	records[blob]
	clock *Clock
}

type blob struct {
	Kept time.Time
	Data []byte
}

// Put implements [mend.Blobs].
func (s *Blobs) Put(ctx context.Context, key string, data []byte) error {
	if key == "" || len(key) > 1024 { // as S3
		return fmt.Errorf("the key of a blob has %d bytes: at least 1 and at most 1024", len(key))
	}
	now := s.clock.Now()
	return s.db.Update(ctx, func(tx *bolt.Tx) error {
		if s.has(tx, key) {
			s.db.Forget()
		}
		return s.put(tx, key, blob{now, data})
	})
}

// Open implements [mend.Blobs].
func (s *Blobs) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	b, err := s.get(ctx, key, mend.ErrNoBlob)
	if err != nil {
		return nil, fmt.Errorf("reading blob %s: %w", key, err)
	}
	return io.NopCloser(bytes.NewReader(b.Data)), nil
}

// Delete implements [mend.Blobs].
func (s *Blobs) Delete(ctx context.Context, key string) error {
	return s.db.Update(ctx, func(tx *bolt.Tx) error {
		s.db.Forget()
		return s.delete(tx, key)
	})
}

// List names the blobs with a prefix that are not before from, in order.
func (s *Blobs) List(ctx context.Context, prefix, from string) (keys []string, err error) {
	err = s.each(ctx, prefix, from, func(key string, _ blob) bool {
		keys = append(keys, key)
		return true
	})
	return keys, err
}

// CopyTo keeps the blobs with a prefix in another file too.
func (s *Blobs) CopyTo(ctx context.Context, prefix string, to *Blobs) error {
	var putErr error
	err := s.each(ctx, prefix, "", func(key string, b blob) bool {
		putErr = to.Put(ctx, key, b.Data)
		return putErr == nil
	})
	return cmp.Or(putErr, err)
}

// Expire removes the blobs with a prefix that were kept before an instant.
func (s *Blobs) Expire(ctx context.Context, prefix string, before time.Time) error {
	var expired []string
	err := s.each(ctx, prefix, "", func(key string, b blob) bool {
		if b.Kept.Before(before) {
			expired = append(expired, key)
		}
		return true
	})
	for _, key := range expired {
		if err == nil {
			err = s.Delete(ctx, key)
		}
	}
	return err
}
