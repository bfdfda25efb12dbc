package local

import (
	"bytes"
	"context"
	"encoding/binary"
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
// Where it differs from S3: blobs expire to the second and not at the next midnight.
type Blobs struct {
	db    *bolttable.DB
	clock *Clock
	days  map[string]int
}

// stampBytes is how many bytes before a blob's data say when it was kept, in Unix seconds.
const stampBytes = 8

// Put implements [mend.Blobs].
func (s *Blobs) Put(ctx context.Context, key string, data []byte) error {
	if key == "" || len(key) > 1024 { // as S3
		return fmt.Errorf("keeping a blob: its key has %d bytes: at least 1 and at most 1024", len(key))
	}
	value := append(numberKey(uint64(s.clock.Now().Unix())), data...)
	err := s.db.Update(ctx, func(tx *bolt.Tx) error {
		if tx.Bucket(blobsBucket).Get([]byte(key)) != nil {
			s.db.Forget()
		}
		return tx.Bucket(blobsBucket).Put([]byte(key), value)
	})
	if err != nil {
		return fmt.Errorf("keeping blob %s: %w", key, err)
	}
	return nil
}

// Open implements [mend.Blobs].
func (s *Blobs) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	var value []byte
	err := s.db.View(ctx, func(tx *bolt.Tx) error {
		if value = slices.Clone(tx.Bucket(blobsBucket).Get([]byte(key))); value == nil {
			return mend.ErrNoBlob
		}
		_, err := keptAt(value)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading blob %s: %w", key, err)
	}
	return io.NopCloser(bytes.NewReader(value[stampBytes:])), nil
}

// Delete implements [mend.Blobs].
func (s *Blobs) Delete(ctx context.Context, key string) error {
	err := s.db.Update(ctx, func(tx *bolt.Tx) error {
		s.db.Forget()
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
	return keys, err
}

// Expire removes the blobs whose days are over, and returns how many they were.
func (s *Blobs) Expire(ctx context.Context) (int, error) {
	now := s.clock.Now()
	expired := map[string]bool{}
	for prefix, days := range s.days {
		err := s.each(ctx, prefix, "", func(key string, kept time.Time) {
			if !kept.AddDate(0, 0, days).After(now) {
				expired[key] = true
			}
		})
		if err != nil {
			return 0, err
		}
	}
	for key := range expired {
		if err := s.Delete(ctx, key); err != nil {
			return 0, err
		}
	}
	return len(expired), nil
}

// each calls do for the blobs with a prefix that are not before from, in the order of their keys.
func (s *Blobs) each(ctx context.Context, prefix, from string, do func(key string, kept time.Time)) error {
	err := s.db.View(ctx, func(tx *bolt.Tx) error {
		cursor := tx.Bucket(blobsBucket).Cursor()
		k, v := cursor.Seek([]byte(max(prefix, from)))
		for ; k != nil && strings.HasPrefix(string(k), prefix); k, v = cursor.Next() {
			kept, err := keptAt(v)
			if err != nil {
				return err
			}
			do(string(k), kept)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("listing blobs %s: %w", prefix, err)
	}
	return nil
}

func keptAt(value []byte) (time.Time, error) {
	if len(value) < stampBytes {
		return time.Time{}, bolttable.ErrDamaged
	}
	return time.Unix(int64(binary.BigEndian.Uint64(value)), 0).UTC(), nil
}
