// Package local is the blob store of one machine: what Mend uses of an Amazon S3
// bucket (raw mail, exports), kept in the machine's one file.
//
// Where it differs from S3: a blob that is replaced or removed while somebody reads it ends
// their reading with an error, and blobs expire to the instant and not at the next midnight.
package local

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"example.org/mend/shared/store/embedded"
)

// Blobs holds blobs under keys such as "mail/0001". It may be used by many goroutines.
type Blobs struct {
	db   *embedded.DB
	days Lifecycle
}

// Lifecycle says after how many days blobs go, by the prefix of their keys. Where
// several prefixes fit, the shortest time counts; where none does, a blob stays.
type Lifecycle map[string]int

// New is the blobs in the file.
func New(db *embedded.DB, days Lifecycle) *Blobs { return &Blobs{db, days} }

// Blob is what is known about a blob.
type Blob struct {
	Key     string
	Size    int64 // bytes
	Created time.Time
}

// pieceBytes is what a blob is cut into: the file finds room for pieces more easily.
const pieceBytes = 1 << 20

const mostBytes = 1 << 40 // more than any blob has

// Put keeps what r yields, whole or not at all, in the place of what the key held. It
// is all in memory meanwhile: whoever takes it from a stranger limits it first.
func (s *Blobs) Put(ctx context.Context, now time.Time, key string, r io.Reader) error {
	if key == "" || len(key) > 1024 { // as S3
		return fmt.Errorf("keeping a blob: its key has %d bytes: at least 1 and at most 1024", len(key))
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("keeping blob %s: %w", key, err)
	}
	err = s.db.Update(ctx, func(tx embedded.Tx) error {
		b := bucketsOf(tx)
		if err := b.remove(key); err != nil {
			return err
		}
		number, err := b.pieces.Next()
		if err != nil {
			return err
		}
		h := head{number: number, size: int64(len(content)), created: now}
		for i := range h.pieces() {
			piece := content[i*pieceBytes : min((i+1)*pieceBytes, len(content))]
			if err := b.pieces.Put(pieceKey(number, i), piece); err != nil {
				return err
			}
		}
		return b.heads.Put([]byte(key), h.bytes())
	})
	if err != nil {
		return fmt.Errorf("keeping blob %s: %w", key, err)
	}
	return nil
}

// Get reads a blob, a piece at a time. Where there is none it returns an error
// that is [fs.ErrNotExist]. The context holds for the reading too.
func (s *Blobs) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	var h head
	err := s.db.View(ctx, func(tx embedded.Tx) error {
		value := bucketsOf(tx).heads.Get([]byte(key))
		if value == nil {
			return fs.ErrNotExist
		}
		var err error
		h, err = parseHead(value)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading blob %s: %w", key, err)
	}
	return &reader{ctx: ctx, db: s.db, key: key, head: h}, nil
}

// Delete removes a blob, if it is there.
func (s *Blobs) Delete(ctx context.Context, key string) error {
	err := s.db.Update(ctx, func(tx embedded.Tx) error { return bucketsOf(tx).remove(key) })
	if err != nil {
		return fmt.Errorf("deleting blob %s: %w", key, err)
	}
	return nil
}

// List is all the blobs whose keys begin with prefix, in the order of the keys.
func (s *Blobs) List(ctx context.Context, prefix string) ([]Blob, error) {
	var found []Blob
	err := s.db.View(ctx, func(tx embedded.Tx) error {
		for key, value := range bucketsOf(tx).heads.Ascend([]byte(prefix), nil) {
			if !strings.HasPrefix(string(key), prefix) {
				break
			}
			h, err := parseHead(value)
			if err != nil {
				return err
			}
			found = append(found, Blob{Key: string(key), Size: h.size, Created: h.created})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing blobs %s: %w", prefix, err)
	}
	return found, nil
}

// Expire removes the blobs whose days are over, and says how many they were.
func (s *Blobs) Expire(ctx context.Context, now time.Time) (int, error) {
	expired := 0
	for prefix, days := range s.days {
		blobs, err := s.List(ctx, prefix)
		if err != nil {
			return expired, fmt.Errorf("expiring: %w", err)
		}
		for _, blob := range blobs {
			if blob.Created.Add(time.Duration(days) * 24 * time.Hour).After(now) {
				continue
			}
			if err := s.Delete(ctx, blob.Key); err != nil {
				return expired, fmt.Errorf("expiring: %w", err)
			}
			expired++
		}
	}
	return expired, nil
}

// buckets are where blobs are kept: heads by key, and pieces by the head's number.
type buckets struct{ heads, pieces embedded.Bucket }

func bucketsOf(tx embedded.Tx) buckets {
	return buckets{tx.Bucket("blob"), tx.Bucket("blob-pieces")}
}

func (b buckets) remove(key string) error {
	value := b.heads.Get([]byte(key))
	if value == nil {
		return nil
	}
	h, err := parseHead(value)
	if err != nil {
		return err
	}
	for i := range h.pieces() {
		if err := b.pieces.Delete(pieceKey(h.number, i)); err != nil {
			return err
		}
	}
	return b.heads.Delete([]byte(key))
}

// head is what stands under a blob's key. The number is never another blob's.
type head struct {
	number  uint64
	size    int64
	created time.Time
}

var errDamaged = errors.New("a damaged blob")

func (h head) pieces() int { return int((h.size + pieceBytes - 1) / pieceBytes) }

func (h head) bytes() []byte {
	b := binary.BigEndian.AppendUint64(nil, h.number)
	b = binary.BigEndian.AppendUint64(b, uint64(h.size))
	return binary.BigEndian.AppendUint64(b, uint64(h.created.UnixNano()))
}

func parseHead(b []byte) (head, error) {
	if len(b) != 24 {
		return head{}, errDamaged
	}
	size := int64(binary.BigEndian.Uint64(b[8:]))
	if size < 0 || size > mostBytes {
		return head{}, errDamaged
	}
	return head{
		number:  binary.BigEndian.Uint64(b),
		size:    size,
		created: time.Unix(0, int64(binary.BigEndian.Uint64(b[16:]))).UTC(),
	}, nil
}

func pieceKey(number uint64, i int) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, number), uint32(i))
}

// reader holds no transaction between reads: a slow one hinders nobody.
type reader struct {
	ctx  context.Context
	db   *embedded.DB
	key  string
	head head
	next int    // the piece after rest
	rest []byte // what is read and not yet asked for
}

func (r *reader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.next == r.head.pieces() {
			return 0, io.EOF
		}
		if err := r.readPiece(); err != nil {
			return 0, fmt.Errorf("reading blob %s: %w", r.key, err)
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *reader) readPiece() error {
	return r.db.View(r.ctx, func(tx embedded.Tx) error {
		piece := bucketsOf(tx).pieces.Get(pieceKey(r.head.number, r.next))
		if piece == nil {
			return errors.New("it was removed or replaced meanwhile")
		}
		r.rest = append(r.rest[:0:0], piece...)
		r.next++
		return nil
	})
}

func (r *reader) Close() error { return nil }
