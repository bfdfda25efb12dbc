// Package keyring keeps the secrets of a stack in SSM Parameter Store, as SecureString parameters.
// Each purpose has a path of its own, so that a function can be given what it needs and nothing
// else:
//
//	…/address/1   names addresses in the table (HMAC); it never changes for the life of the table
//	…/links/1     signs and verifies links; links/2 and so on come by rotation
//	…/replies/1   the same for reply addresses
//
// Each holds 32 random bytes in base64. One that is retired, because it leaked, has the word
// "retired" before them: it verifies links to stop, and nothing else.
//
// A new key does not sign at once. Functions that are running read the ring anew every
// [ReadEvery]; until all of them know the key, what it signed would be a forgery to some.
package keyring

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/mend/shared/token"
)

// Part is a purpose of keys, and the last step of its path.
type Part string

// The parts.
const (
	Address Part = "address"
	Links   Part = "links"
	Replies Part = "replies"
)

// Parts are all of them.
var Parts = []Part{Address, Links, Replies}

const (
	// ReadEvery is how long a ring may be used before it is read again.
	ReadEvery = 5 * time.Minute

	// signsAfter is how old a key is when it begins to sign.
	signsAfter = 2 * ReadEvery
)

// Ring is the keys of a stack, or those of them that were asked for.
type Ring struct {
	Links, Replies token.Keys
	Address        []byte // the HMAC's
	Signing        byte   // the number of the key that signs links
	Held           []byte // the numbers of all of them, in order
}

// Parameter is a parameter of Parameter Store, decrypted.
type Parameter struct {
	Name, Value string
	Modified    time.Time
}

// Reader reads parameters.
type Reader interface {
	// Below is every parameter one step below a path.
	Below(ctx context.Context, path string) ([]Parameter, error)
}

// Writer makes parameters too.
type Writer interface {
	Reader
	// Make makes a SecureString. It fails where there is one of that name.
	Make(ctx context.Context, name, value string) error
}

// Read reads parts of the ring below a path. Now is the instant by Amazon's clock.
func Read(ctx context.Context, client Reader, below string, now time.Time, parts ...Part) (Ring, error) {
	ring := Ring{}
	for _, part := range parts {
		keys, err := read(ctx, client, below, part)
		if err != nil {
			return Ring{}, err
		}
		if len(keys) == 0 {
			return Ring{}, fmt.Errorf("there are no keys below %s/%s: run `mend keys init`", below, part)
		}
		if part == Address {
			ring.Address = keys[0].Secret[:]
			continue
		}
		signing := signer(keys, now)
		if signing < 0 {
			return Ring{}, fmt.Errorf("every key below %s/%s is retired: run `mend keys rotate`", below, part)
		}
		var older []token.Key
		var held []byte
		for i, k := range keys {
			held = append(held, k.ID)
			if i != signing {
				older = append(older, k.Key)
			}
		}
		tokens, err := token.NewKeys(keys[signing].Key, older...)
		if err != nil {
			return Ring{}, fmt.Errorf("the keys below %s/%s: %w", below, part, err)
		}
		if part == Links {
			ring.Links, ring.Signing, ring.Held = tokens, keys[signing].ID, held
		} else {
			ring.Replies = tokens
		}
	}
	return ring, nil
}

// dated is a key and when it was written.
type dated struct {
	token.Key
	since time.Time
}

// signer is which key signs: the newest that every function knows by now, or the first of all. It
// is −1 if there is none.
func signer(keys []dated, now time.Time) int {
	for i, k := range slices.Backward(keys) {
		if !k.Retired && now.Sub(k.since) >= signsAfter {
			return i
		}
	}
	return slices.IndexFunc(keys, func(k dated) bool { return !k.Retired })
}

// read reads the keys of a part, in the order of their numbers.
func read(ctx context.Context, client Reader, below string, part Part) ([]dated, error) {
	parameters, err := client.Below(ctx, below+"/"+string(part))
	if err != nil {
		return nil, fmt.Errorf("read the keys below %s/%s: %w", below, part, err)
	}
	var keys []dated
	for _, p := range parameters {
		secret, retired, err := parse(p.Value)
		if err != nil { // never the value itself
			return nil, fmt.Errorf("the parameter %s: %w", p.Name, err)
		}
		number, err := numberOf(part, path.Base(p.Name))
		if err != nil {
			return nil, fmt.Errorf("the parameter %s: %w", p.Name, err)
		}
		keys = append(keys, dated{token.Key{ID: number, Secret: secret, Retired: retired}, p.Modified})
	}
	slices.SortFunc(keys, func(a, b dated) int { return int(a.ID) - int(b.ID) })
	return keys, nil
}

// numberOf reads the last step of a name.
func numberOf(part Part, text string) (byte, error) {
	number, err := strconv.ParseUint(text, 10, 8)
	if err != nil || number == 0 || part == Address && number != 1 {
		return 0, errors.New("its name is not a number of a key, 1 to 255 (and 1 of the address key)")
	}
	return byte(number), nil
}

func parse(value string) (secret [32]byte, retired bool, err error) {
	value, retired = strings.CutPrefix(value, "retired ")
	raw, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(raw) != len(secret) {
		return secret, retired, fmt.Errorf("it does not hold 32 bytes in base64")
	}
	return [32]byte(raw), retired, nil
}

// Init makes the secrets that are missing and leaves those that are there. It returns the names of
// what it made.
func Init(ctx context.Context, client Writer, below string) (made []string, err error) {
	missing := map[string]string{}
	for _, part := range Parts {
		keys, err := read(ctx, client, below, part)
		if err != nil {
			return nil, err
		}
		if len(keys) == 0 {
			missing[string(part)+"/1"] = newSecret()
		}
	}
	return makeAll(ctx, client, below, missing)
}

// Export is every secret by its name below the path, such as "links/1", for a copy in a safe place.
func Export(ctx context.Context, client Reader, below string) (map[string]string, error) {
	all := map[string]string{}
	for _, part := range Parts {
		parameters, err := client.Below(ctx, below+"/"+string(part))
		if err != nil {
			return nil, fmt.Errorf("read the keys below %s/%s: %w", below, part, err)
		}
		for _, p := range parameters {
			all[string(part)+"/"+path.Base(p.Name)] = p.Value
		}
	}
	return all, nil
}

// Import makes the secrets of a copy where there are none of their names, and leaves those that are
// there. If a part would have no key then, that is an error, and so is a secret that is there and
// differs, before anything is made.
func Import(ctx context.Context, client Writer, below string, secrets map[string]string) (made []string, err error) {
	now, err := Export(ctx, client, below)
	if err != nil {
		return nil, err
	}
	missing := map[string]string{}
	for name, value := range secrets {
		part, number, _ := strings.Cut(name, "/")
		if !slices.Contains(Parts, Part(part)) {
			return nil, fmt.Errorf("%q in the copy: there are no such keys", name)
		}
		if _, err := numberOf(Part(part), number); err != nil {
			return nil, fmt.Errorf("%q in the copy: %w", name, err)
		}
		if _, _, err := parse(value); err != nil {
			return nil, fmt.Errorf("%s in the copy: %w", name, err)
		}
		own, there := now[name]
		if there && own != value {
			return nil, fmt.Errorf("there is another %s already: the copy is of another stack, or new keys were made "+
				"after the old ones were lost. To go back to the old ones, delete those below %s first", name, below)
		}
		if !there {
			missing[name] = value
		}
	}
	maps.Copy(now, secrets)
	for _, part := range Parts {
		of := func(name string) bool { return strings.HasPrefix(name, string(part)+"/") }
		if !slices.ContainsFunc(slices.Collect(maps.Keys(now)), of) {
			return nil, fmt.Errorf("the copy has no key of %s", part)
		}
	}
	return makeAll(ctx, client, below, missing)
}

// Rotate makes the next keys, of links and of reply addresses, and returns their number. They sign
// after ten minutes; the older ones keep verifying.
func Rotate(ctx context.Context, client Writer, below string) (byte, error) {
	next := 0
	for _, part := range Parts {
		keys, err := read(ctx, client, below, part)
		if err != nil {
			return 0, err
		}
		if len(keys) == 0 {
			return 0, fmt.Errorf("there are no keys below %s/%s: run `mend keys init`", below, part)
		}
		next = max(next, int(keys[len(keys)-1].ID)+1)
	}
	if next > 255 {
		return 0, fmt.Errorf("all 255 numbers below %s have been used", below)
	}
	_, err := makeAll(ctx, client, below, map[string]string{
		fmt.Sprintf("%s/%d", Links, next): newSecret(), fmt.Sprintf("%s/%d", Replies, next): newSecret(),
	})
	return byte(next), err
}

func newSecret() string {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // it returns no error
	return base64.StdEncoding.EncodeToString(secret[:])
}

// makeAll makes secrets, and returns the names of those that it made. It never overwrites one: a
// lost race is an error, and no one's links are lost.
func makeAll(ctx context.Context, client Writer, below string, secrets map[string]string) (made []string, err error) {
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		if err := client.Make(ctx, below+"/"+name, secrets[name]); err != nil {
			return made, fmt.Errorf("write the parameter %s/%s: %w", below, name, err)
		}
		made = append(made, name)
	}
	return made, nil
}
