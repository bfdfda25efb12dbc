package local

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store/bolttable"
)

// Blobs is what Mend uses of an Amazon S3 bucket (raw mail, the restore journal), under keys such as
// "raw/0001". A blob is in memory as a whole when it is kept or read; what comes from outside is
// limited before it is kept. It implements [mend.Blobs], and
// lists the restore journal.
//
// Where it differs from S3: blobs expire to the instant and not at the next midnight.
type Blobs struct {
	db    *bolttable.DB
	clock *Clock
	days  map[string]int
}

// Put implements [mend.Blobs].
func (s *Blobs) Put(ctx context.Context, key string, data []byte) error {
	if key == "" || len(key) > 1024 { // as S3
		return fmt.Errorf("keeping a blob: its key has %d bytes: at least 1 and at most 1024", len(key))
	}
	now := s.clock.Now()
	err := s.db.Update(ctx, func(tx *bolt.Tx) error {
		if tx.Bucket(blobsBucket).Get([]byte(key)) != nil {
			s.db.Forget()
		}
		if err := put(tx.Bucket(createdBucket), []byte(key), now); err != nil {
			return err
		}
		return tx.Bucket(blobsBucket).Put([]byte(key), data)
	})
	if err != nil {
		return fmt.Errorf("keeping blob %s: %w", key, err)
	}
	return nil
}

// Open implements [mend.Blobs].
func (s *Blobs) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	var data []byte
	err := s.db.View(ctx, func(tx *bolt.Tx) error {
		value := tx.Bucket(blobsBucket).Get([]byte(key))
		if value == nil {
			return mend.ErrNoBlob
		}
		data = slices.Clone(value)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading blob %s: %w", key, err)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// Delete implements [mend.Blobs].
func (s *Blobs) Delete(ctx context.Context, key string) error {
	err := s.db.Update(ctx, func(tx *bolt.Tx) error {
		s.db.Forget()
		if err := tx.Bucket(createdBucket).Delete([]byte(key)); err != nil {
			return err
		}
		return tx.Bucket(blobsBucket).Delete([]byte(key))
	})
	if err != nil {
		return fmt.Errorf("deleting blob %s: %w", key, err)
	}
	return nil
}

// List names the blobs with a prefix that are not before from, in order.
func (s *Blobs) List(ctx context.Context, prefix, from string) (keys []string, err error) {
	err = s.each(ctx, prefix, from, func(key string, _ time.Time) { keys = append(keys, key) })
	if err != nil {
		return nil, fmt.Errorf("listing blobs %s: %w", prefix, err)
	}
	return keys, nil
}

// Expire removes the blobs whose days are over, and returns how many they were.
func (s *Blobs) Expire(ctx context.Context) (int, error) {
	now := s.clock.Now()
	var expired []string
	for prefix, days := range s.days {
		err := s.each(ctx, prefix, "", func(key string, created time.Time) {
			if !created.AddDate(0, 0, days).After(now) {
				expired = append(expired, key)
			}
		})
		if err != nil {
			return 0, fmt.Errorf("expiring blobs: %w", err)
		}
	}
	slices.Sort(expired)
	expired = slices.Compact(expired)
	for i, key := range expired {
		if err := s.Delete(ctx, key); err != nil {
			return i, fmt.Errorf("expiring blobs: %w", err)
		}
	}
	return len(expired), nil
}

// each calls do for the blobs with a prefix that are not before from, in the order of their keys.
func (s *Blobs) each(ctx context.Context, prefix, from string, do func(key string, created time.Time)) error {
	return s.db.View(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket(createdBucket).Cursor()
		k, v := cursor.Seek([]byte(max(prefix, from)))
		for ; k != nil && strings.HasPrefix(string(k), prefix); k, v = cursor.Next() {
			var created time.Time
			if err := parse(v, &created); err != nil {
				return err
			}
			do(string(k), created)
		}
		return nil
	})
}
