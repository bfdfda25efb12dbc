// Package keyring keeps the secrets of a stack in SSM Parameter Store, as SecureString parameters below
// one path:
//
//	…/address   names addresses in the table (HMAC); it never changes for the life of the table
//	…/token-1   signs and verifies tokens; token-2 and so on come by rotation
//
// Each holds 32 random bytes in base64. One that is retired, because it leaked, has the word "retired" before
// them: it verifies links to stop, and nothing else.
//
// A new key does not sign at once. Functions that are running read the ring anew every
// [ReadEvery]; until all of them know the key, what it signed would be a forgery to some.
package keyring

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/mend/shared/token"
)

const (
	// ReadEvery is how long a ring may be used before it is read again.
	ReadEvery = 5 * time.Minute

	// signsAfter is how old a key is when it begins to sign.
	signsAfter = 2 * ReadEvery
)

// Ring is the keys of a stack.
type Ring struct {
	Tokens  token.Keys
	Address []byte // the HMAC's
	Signing byte   // the number of the key that signs
	Held    []byte // the numbers of all keys, in order
}

// Parameter is a parameter of Parameter Store, decrypted.
type Parameter struct {
	Name, Value string
	Modified    time.Time
}

// Reader reads parameters.
type Reader interface {
	// Below is every parameter whose name begins with a path.
	Below(ctx context.Context, path string) ([]Parameter, error)
}

// Writer makes parameters too.
type Writer interface {
	Reader
	// Make makes a SecureString. It fails where there is one of that name.
	Make(ctx context.Context, name, value string) error
}

// Read reads the ring below a path. Now is the instant by Amazon's clock.
func Read(ctx context.Context, client Reader, below string, now time.Time) (Ring, error) {
	keys, address, err := read(ctx, client, below)
	if err != nil {
		return Ring{}, err
	}
	if len(keys) == 0 || address == nil {
		return Ring{}, fmt.Errorf("there are no keys below %s: run `mend keys init`", below)
	}
	signing := signer(keys, now)
	if signing < 0 {
		return Ring{}, fmt.Errorf("every key below %s is retired: run `mend keys rotate`", below)
	}
	ring := Ring{Address: address, Signing: keys[signing].ID}
	for _, k := range keys {
		ring.Held = append(ring.Held, k.ID)
	}
	var older []token.Key
	for i, k := range keys {
		if i != signing {
			older = append(older, k.Key)
		}
	}
	if ring.Tokens, err = token.NewKeys(keys[signing].Key, older...); err != nil {
		return Ring{}, fmt.Errorf("the keys below %s: %w", below, err)
	}
	return ring, nil
}

// dated is a key and when it was written.
type dated struct {
	token.Key
	since time.Time
}

// signer is which key signs: the newest that every function knows by now, or the first of all. It is −1 if there is none.
func signer(keys []dated, now time.Time) int {
	first, newest := -1, -1
	for i, k := range keys {
		if k.Retired {
			continue
		}
		if first < 0 {
			first = i
		}
		if now.Sub(k.since) >= signsAfter {
			newest = i
		}
	}
	if newest < 0 {
		return first
	}
	return newest
}

// read reads every parameter; the keys are in the order of their numbers.
func read(ctx context.Context, client Reader, below string) (keys []dated, address []byte, err error) {
	parameters, err := client.Below(ctx, below)
	if err != nil {
		return nil, nil, fmt.Errorf("read the keys below %s: %w", below, err)
	}
	for _, p := range parameters {
		secret, retired, err := parse(p.Value)
		if err != nil { // never the value itself
			return nil, nil, fmt.Errorf("the parameter %s: %w", p.Name, err)
		}
		name := path.Base(p.Name)
		if name == "address" {
			address = secret[:]
			continue
		}
		number, err := strconv.ParseUint(strings.TrimPrefix(name, "token-"), 10, 8)
		if err != nil || number == 0 {
			return nil, nil, fmt.Errorf("the parameter %s: its name is neither address nor token-1 to token-255", p.Name)
		}
		keys = append(keys, dated{token.Key{ID: byte(number), Secret: secret, Retired: retired}, p.Modified})
	}
	slices.SortFunc(keys, func(a, b dated) int { return int(a.ID) - int(b.ID) })
	return keys, address, nil
}

func parse(value string) (secret [32]byte, retired bool, err error) {
	value, retired = strings.CutPrefix(value, "retired ")
	raw, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(raw) != len(secret) {
		return secret, retired, fmt.Errorf("it does not hold 32 bytes in base64")
	}
	return [32]byte(raw), retired, nil
}

// Init makes the secrets that are missing and leaves those that are there. It returns the names of what it made.
func Init(ctx context.Context, client Writer, below string) ([]string, error) {
	keys, address, err := read(ctx, client, below)
	if err != nil {
		return nil, err
	}
	var made []string
	if address == nil {
		made = append(made, "address")
	}
	if len(keys) == 0 {
		made = append(made, "token-1")
	}
	for i, name := range made {
		if err := put(ctx, client, below, name); err != nil {
			return made[:i], err
		}
	}
	return made, nil
}

// Rotate makes the next key and returns its number. It signs after ten minutes; the older ones keep verifying.
func Rotate(ctx context.Context, client Writer, below string) (byte, error) {
	keys, address, err := read(ctx, client, below)
	if err != nil {
		return 0, err
	}
	if len(keys) == 0 || address == nil {
		return 0, fmt.Errorf("there are no keys below %s: run `mend keys init`", below)
	}
	last := keys[len(keys)-1].ID
	if last == 255 {
		return 0, fmt.Errorf("all 255 numbers below %s have been used", below)
	}
	return last + 1, put(ctx, client, below, fmt.Sprintf("token-%d", last+1))
}

// put makes a secret. It never overwrites one: a lost race is an error, and nobody's links are lost.
func put(ctx context.Context, client Writer, below, name string) error {
	var secret [32]byte
	if _, err := rand.Read(secret[:]); err != nil {
		return err
	}
	err := client.Make(ctx, below+"/"+name, base64.StdEncoding.EncodeToString(secret[:]))
	if err != nil {
		return fmt.Errorf("write the parameter %s/%s: %w", below, name, err)
	}
	return nil
}
