package token

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"log/slog"
)

// Key is a secret under a number. It prints as its number alone.
type Key struct {
	ID     byte     // written into every token, never used for another secret
	Secret [32]byte // random

	// Retired keys verify Unsubscribe alone. It is for keys that leaked or have
	// served: a link to stop outlives every rotation.
	Retired bool
}

// Format prints the number of the key, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "key %d", k.ID) }

// LogValue is the number of the key.
func (k Key) LogValue() slog.Value { return slog.IntValue(int(k.ID)) }

// Keys signs with one key and verifies with several. It is made by [NewKeys], never
// changes, and may be used by many goroutines at once.
type Keys struct {
	current byte
	byID    map[byte]*derived
}

// derived is a key by purpose.
type derived struct {
	retired bool
	secrets [len(policies)][]byte
}

// NewKeys signs with the current key; the older ones keep verifying. Keys that share a
// number, a secret that was left zero, and a current key that is retired are refused.
func NewKeys(current Key, older ...Key) (Keys, error) {
	if current.Retired {
		return Keys{}, fmt.Errorf("%v is retired and cannot sign", current)
	}
	keys := Keys{current.ID, make(map[byte]*derived, 1+len(older))}
	for _, key := range append([]Key{current}, older...) {
		if key.Secret == [32]byte{} {
			return Keys{}, fmt.Errorf("%v has no secret", key)
		}
		if keys.byID[key.ID] != nil {
			return Keys{}, fmt.Errorf("%v is there twice", key)
		}
		d := &derived{retired: key.Retired}
		for p := Reply; p.known(); p++ {
			var err error
			d.secrets[p], err = hkdf.Expand(sha256.New, key.Secret[:], "mend token 2: "+p.String(), sha256.Size)
			if err != nil {
				return Keys{}, fmt.Errorf("deriving the purposes of %v: %w", key, err)
			}
		}
		keys.byID[key.ID] = d
	}
	return keys, nil
}

// Empty reports whether there is no key.
func (k Keys) Empty() bool { return len(k.byID) == 0 }

// appendMAC appends the purpose's MAC of a body: the first macSize bytes of its HMAC-SHA256.
func (d *derived) appendMAC(b []byte, p Purpose, body []byte) []byte {
	h := hmac.New(sha256.New, d.secrets[p])
	h.Write(body)
	return append(b, h.Sum(nil)[:macSize]...)
}
