package token_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/token"
	"pgregory.net/rapid"
)

const domain = "reply.example.org"

func TestReplyAddress(t *testing.T) {
	for _, test := range []struct {
		claims token.Claims
		want   string
	}{
		{letter, "r+a4aeimquy7lptx34aeaqaa2qhxihk4dnzwqacq3xolefa@reply.example.org"},
		{oneOff, "r+a4aeimquy7lptx34aeaaaa2qhw27dhlptxj3dvt3mnncejfrhrehm@reply.example.org"},
	} {
		got, err := keys.ReplyAddress(test.claims, domain)
		if err != nil || got != test.want {
			t.Errorf("got %q, %v, want %q", got, err, test.want)
		}
	}
}

func TestReplyAddressesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyClaims().Draw(t, "claims")
		c.Purpose, c.Expires = token.Reply, time.Time{}
		address, err := keys.ReplyAddress(c, domain)
		if err != nil {
			t.Fatal(err)
		}
		if local := strings.IndexByte(address, '@'); local > 64 { // RFC 5321 section 4.5.3.1.1
			t.Fatalf("%s: a local part of %d", address, local)
		}
		for _, seen := range []string{address, strings.ToUpper(address), "<" + address + ">", " " + address + ".\r\n"} {
			got, err := keys.FromReplyAddress(seen, domain, time.Unix(0, 0))
			c.Expires = got.Expires
			if err != nil || got != c {
				t.Fatalf("%q: got %+v, %v, want %+v", seen, got, err, c)
			}
		}
	})
}

func TestFromReplyAddressRefuses(t *testing.T) {
	local := "r+" + sign(t, token.Reply, letter)
	forged := newKeys(token.Key{ID: key.ID, Secret: [32]byte{1}})
	foreign, err := forged.ReplyAddress(letter, domain)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		address string
		want    error
	}{
		{"", token.ErrNotOurs},
		{"@", token.ErrNotOurs},
		{local, token.ErrNotOurs},
		{local + "@", token.ErrNotOurs},
		{local + "@example.org", token.ErrNotOurs},
		{local + "@evil.reply.example.org", token.ErrNotOurs},
		{local + "@reply.example.org.evil.example", token.ErrNotOurs},
		{local + "@reply.example.org@evil.example", token.ErrNotOurs},
		{"@" + domain, token.ErrNotOurs},
		{"r@" + domain, token.ErrNotOurs},
		{"postmaster@" + domain, token.ErrNotOurs},
		{strings.TrimPrefix(local, "r+") + "@" + domain, token.ErrNotOurs},
		{"r-" + local[2:] + "@" + domain, token.ErrNotOurs},
		{"r+@" + domain, token.ErrMalformed},
		{local + "x@" + domain, token.ErrMalformed},
		{local + "@evil.example@" + domain, token.ErrMalformed},
		{foreign, token.ErrForged},
		{"r+" + sign(t, token.Unsubscribe, letter) + "@" + domain, token.ErrForged},
	} {
		got, err := keys.FromReplyAddress(test.address, domain, before)
		if !errors.Is(err, test.want) || got != (token.Claims{}) {
			t.Errorf("%q: got %+v, %v, want %v", test.address, got, err, test.want)
		}
	}
	late := time.Date(2027, time.May, 4, 0, 0, 0, 0, time.UTC)
	if got, err := keys.FromReplyAddress(local+"@"+domain, domain, late); !errors.Is(err, token.ErrExpired) ||
		got.Person != letter.Person {
		t.Errorf("late: got %+v, %v, want the claims and %v", got, err, token.ErrExpired)
	}
}

func BenchmarkReplyAddress(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := keys.ReplyAddress(letter, domain); err != nil {
			b.Fatal(err)
		}
	}
}
