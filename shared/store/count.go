package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"time"
)

// Count counts one more of something and returns how many there were so far, this one included. What is counted
// is named without being held: a network's address, say, is personal data. The count is forgotten some time after until.
func (s *Store) Count(ctx context.Context, what string, until time.Time) (int64, error) {
	mac := hmac.New(sha256.New, s.addressSecret)
	mac.Write([]byte("count\x00" + what))
	it, err := s.table.Write(ctx, Write{
		Op: Update, Key: Key{"COUNT#" + base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)), "-"},
		Add: map[string]int64{"n": 1}, Set: Item{AttrTTL: until.Unix()},
	})
	return it.number("n"), wrap(err, "count")
}
