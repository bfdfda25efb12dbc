package token_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"example.org/mend/shared/token"
)

func TestRotation(t *testing.T) {
	old, next := key, token.Key{ID: 8, Secret: [32]byte{1}}
	rotated := newKeys(next, old)
	c := letter
	c.Expires = expires
	for _, purpose := range all {
		text := sign(t, purpose, c)
		if _, err := rotated.Verify(purpose, text, before); err != nil {
			t.Errorf("%v: a token of the old key: %v", purpose, err)
		}
		c.Purpose = purpose
		fresh, err := rotated.Sign(c)
		if err != nil {
			t.Fatal(err)
		}
		if fresh == text {
			t.Errorf("%v: still signed with the old key", purpose)
		}
		if _, err := keys.Verify(purpose, fresh, before); !errors.Is(err, token.ErrForged) {
			t.Errorf("%v: a token of a key that is not there: got %v, want %v", purpose, err, token.ErrForged)
		}
	}
}

func TestTheNumberOfAKeyIsNotItsSecret(t *testing.T) {
	other := newKeys(token.Key{ID: key.ID, Secret: [32]byte{1}})
	if _, err := other.Verify(token.Reply, sign(t, token.Reply, letter), before); !errors.Is(err, token.ErrForged) {
		t.Errorf("got %v, want %v", err, token.ErrForged)
	}
}

func TestARetiredKeyStillStops(t *testing.T) {
	retired := key
	retired.Retired = true
	rotated := newKeys(token.Key{ID: 8, Secret: [32]byte{1}}, retired)
	c := letter
	c.Expires = expires
	for _, purpose := range all {
		_, err := rotated.Verify(purpose, sign(t, purpose, c), before)
		if purpose == token.Unsubscribe {
			if err != nil {
				t.Errorf("%v: %v", purpose, err)
			}
		} else if !errors.Is(err, token.ErrForged) {
			t.Errorf("%v: got %v, want %v", purpose, err, token.ErrForged)
		}
	}
}

func TestNewKeysRefuses(t *testing.T) {
	retired := key
	retired.Retired = true
	for why, test := range map[string][]token.Key{
		"a secret left zero":    {{ID: 1}},
		"an old one left zero":  {key, {ID: 1}},
		"one number for two":    {key, {ID: key.ID, Secret: [32]byte{1}}},
		"a retired one to sign": {retired},
	} {
		if _, err := token.NewKeys(test[0], test[1:]...); err == nil {
			t.Errorf("%s: got no error", why)
		}
	}
}

func TestNoKeys(t *testing.T) {
	var none token.Keys
	c := letter
	c.Purpose = token.Reply
	if got, err := none.Sign(c); err == nil {
		t.Errorf("signed %s without a key", got)
	}
	if _, err := none.Verify(token.Reply, sign(t, token.Reply, letter), before); !errors.Is(err, token.ErrForged) {
		t.Errorf("got %v, want %v", err, token.ErrForged)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	secret := token.Key{ID: 7}
	for i := range secret.Secret {
		secret.Secret[i] = 'S'
	}
	held := struct {
		Key  token.Key
		Keys token.Keys
	}{secret, newKeys(secret)}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+"\n", secret)
		fmt.Fprintf(&out, verb+"\n", held)
		fmt.Fprintf(&out, verb+"\n", held.Keys)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("held", "key", secret, "keys", held.Keys)
	slog.New(slog.NewTextHandler(&out, nil)).Info("held", "key", secret, "keys", held.Keys)
	// as text, bytes, hex, Go, JSON, base64
	for _, leak := range []string{"SSS", "83 83 83", "53535353", "0x53, 0x53", "83,83,83", "U1NTU1NT"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q stands in:\n%s", leak, &out)
		}
	}
}
