package token_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
	"pgregory.net/rapid"
)

const alphabet = "abcdefghijklmnopqrstuvwxyz234567"

var (
	key = token.Key{ID: 7, Secret: [32]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
		21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}}
	keys = newKeys(key)

	letter  = token.Claims{Person: "abcdefgh234567ab", Subscription: 1, Epoch: 3, Date: date("2026-03-29")}
	oneOff  = token.Claims{Person: "abcdefgh234567ab", Thing: "wxyz2345", Epoch: 3, Date: date("2026-03-29")}
	expires = time.Date(2026, time.March, 29, 16, 0, 0, 0, time.UTC)
	before  = expires.Add(-time.Minute)
)

// The purposes whose tokens count from their date or live for good, and those that
// live by the clock.
var (
	dated = []token.Purpose{token.Reply, token.Unsubscribe, token.Preferences, token.Promise, token.Page,
		token.Calendar, token.Mute}
	clocked = []token.Purpose{token.Confirm, token.NotMe, token.SignIn, token.AddressChange,
		token.AddressCancel, token.Stamp}
	all = append(append([]token.Purpose{}, dated...), clocked...)
)

// These stand in mailboxes: links to stop for ever, reply addresses for 400 days. They
// were made by another program from the package comment alone. If this test fails, do
// not change the tokens.
func TestTokensStayAsTheyAre(t *testing.T) {
	byClock := func(thing mend.ItemID) token.Claims {
		return token.Claims{Person: "abcdefgh234567ab", Thing: thing, Expires: expires}
	}
	for _, test := range []struct {
		purpose token.Purpose
		claims  token.Claims
		want    string
	}{
		{token.Reply, letter, "a4aeimquy7lptx34aeaqaa2qhxihk4dnzwqacq3xolefa"},
		{token.Reply, oneOff, "a4aeimquy7lptx34aeaaaa2qhw27dhlptxj3dvt3mnncejfrhrehm"},
		{token.Unsubscribe, letter, "a4aeimquy7lptx34aeaqaa2qhuzlmm3xo22emrtudu62q"},
		{token.Unsubscribe, oneOff, "a4aeimquy7lptx34aeaaaa2qhw27dhlptwvsof6yd4uz5coajedsm"},
		{token.Preferences, letter, "a4aeimquy7lptx34aeaqaa2qhx5eaghltroivk5a6jysa"},
		{token.Page, letter, "a4aeimquy7lptx34aeaqaa2qhxo7nzr43ug27rm3faeci"},
		{token.Promise, oneOff, "a4aeimquy7lptx34aeaaaa2qhw27dhlptwke76mwt452tzgiqbhvk"},
		{token.Calendar, letter, "a4aeimquy7lptx34aeaqaa2qhx7zbuxtwwnllfixvhdr2"},
		{token.Confirm, byClock("wxyz2345"), "a4aeimquy7lptx34aeaaaaaaac27dhlptvu4stea5u67pyshkjedtxeela5q"},
		{token.NotMe, byClock("wxyz2345"), "a4aeimquy7lptx34aeaaaaaaac27dhlptvu4steabmbvh3n7hdvxflbgjn6a"},
		{token.SignIn, byClock("wxyz2345"), "a4aeimquy7lptx34aeaaaaaaac27dhlptvu4steaqvaentpl4lwqa5rmnhtq"},
		{token.AddressChange, byClock(""), "a4aeimquy7lptx34aeaaaaaaabu4steavuhq6jvgxoftmq6xajgq"},
		{token.AddressCancel, byClock(""), "a4aeimquy7lptx34aeaaaaaaabu4stea2jsja37srpj4ze67obha"},
	} {
		if got := sign(t, test.purpose, test.claims); got != test.want {
			t.Errorf("%v: got %s, want %s", test.purpose, got, test.want)
		}
		got, err := keys.Verify(test.purpose, test.want, before)
		want := test.claims
		want.Purpose = test.purpose
		if want.Expires.IsZero() {
			want.Expires = got.Expires // see TestLifetimes
		}
		if err != nil || got != want {
			t.Errorf("%v: got %+v, %v, want %+v", test.purpose, got, err, want)
		}
	}
}

func TestWhatIsSignedIsWhatIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyClaims().Draw(t, "claims")
		text, err := keys.Sign(c)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) < 45 || len(text) > 60 || strings.Trim(text, alphabet) != "" {
			t.Fatalf("%q is not 45 to 60 characters of base32", text)
		}
		got, err := keys.Verify(c.Purpose, text, time.Unix(0, 0))
		if c.Purpose.Lifetime() == 0 || c.Expires.IsZero() {
			c.Expires = got.Expires // not the signer's to choose
		}
		if err != nil || got != c {
			t.Fatalf("%s: got %+v, %v, want %+v", text, got, err, c)
		}
	})
}

func TestAnyOtherCharacterIsRefused(t *testing.T) {
	for _, purpose := range all {
		for _, thing := range []mend.ItemID{"", "wxyz2345"} {
			c := letter
			c.Thing, c.Expires = thing, expires
			text := sign(t, purpose, c)
			refused := func(why, text string) {
				t.Helper()
				if got, err := keys.Verify(purpose, text, before); !errors.Is(err, token.ErrForged) &&
					!errors.Is(err, token.ErrMalformed) || got != (token.Claims{}) {
					t.Fatalf("%v, %s: %s gives %+v, %v", purpose, why, text, got, err)
				}
			}
			for i := range text {
				for _, other := range alphabet + "0189=+-_ \n\r\x00é\u212a" { // U+212A folds to k
					if byte(other) != text[i] || other > 127 {
						refused("another character", text[:i]+string(other)+text[i+1:])
					}
				}
				refused("one left out", text[:i]+text[i+1:])
				refused("one twice", text[:i]+text[i:i+1]+text[i:])
				if i > 0 {
					refused("cut off", text[:i])
					refused("a line break within", text[:i]+"\r\n"+text[i:])
				}
			}
			refused("padded", text+"======")
			refused("twice", text+text)
			refused("long", strings.Repeat("a", 1_000_000))
		}
	}
}

func TestVerifyForgivesWhatMailDoes(t *testing.T) {
	text := sign(t, token.Unsubscribe, letter)
	for _, presented := range []string{
		text, strings.ToUpper(text), strings.ToUpper(text[:20]) + text[20:], "<" + text + ">", text + ".",
		"<" + text + ">.", " " + text + "\r\n", "\t<" + text + ">. ",
	} {
		if _, err := keys.Verify(token.Unsubscribe, presented, before); err != nil {
			t.Errorf("%q: %v", presented, err)
		}
	}
	for _, presented := range []string{"", " ", "<>", ".", "r+" + text, "token=" + text, text + "/", text + "?"} {
		if _, err := keys.Verify(token.Unsubscribe, presented, before); !errors.Is(err, token.ErrMalformed) {
			t.Errorf("%q: got %v, want %v", presented, err, token.ErrMalformed)
		}
	}
}

func TestATokenServesItsPurposeAlone(t *testing.T) {
	c := letter
	c.Expires = expires
	for _, signed := range all {
		text := sign(t, signed, c)
		for _, presented := range append(all, 0, 200) {
			got, err := keys.Verify(presented, text, before)
			if presented == signed {
				if err != nil {
					t.Errorf("%v: %v", signed, err)
				}
			} else if err == nil || got != (token.Claims{}) {
				t.Errorf("a token for %v passes for %v: %+v, %v", signed, presented, got, err)
			}
		}
	}
}

// Each with its last good moment's successor, and what the design says of it.
func TestLifetimes(t *testing.T) {
	signed := time.Date(2026, time.March, 29, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	never := time.Date(2149, time.June, 6, 0, 0, 0, 0, time.UTC)
	for purpose, life := range map[token.Purpose]time.Duration{
		token.Reply:         400 * day,
		token.Preferences:   30 * day,
		token.Promise:       30 * day,
		token.Unsubscribe:   0,
		token.Calendar:      0,
		token.SignIn:        15 * time.Minute,
		token.Confirm:       7 * day,
		token.NotMe:         7 * day,
		token.AddressChange: 3 * day,
		token.AddressCancel: 7 * day,
		token.Stamp:         10 * time.Minute,
	} {
		if got := purpose.Lifetime(); got != life {
			t.Errorf("%v: lives for %v, want %v", purpose, got, life)
		}
		c := oneOff
		c.Expires = signed.Add(life)
		text := sign(t, purpose, c)
		c.Purpose = purpose
		switch purpose {
		case token.Unsubscribe, token.Calendar:
			c.Expires = time.Time{}
			if got, err := keys.Verify(purpose, text, never); err != nil || got != c {
				t.Errorf("%v: got %+v, %v in 2149, want %+v", purpose, got, err, c)
			}
			continue
		case token.Reply:
			c.Expires = time.Date(2027, time.May, 4, 0, 0, 0, 0, time.UTC) // 3 May is the 400th day after 29 March
		case token.Preferences, token.Promise:
			c.Expires = time.Date(2026, time.April, 29, 0, 0, 0, 0, time.UTC)
		}
		if got, err := keys.Verify(purpose, text, c.Expires.Add(-1)); err != nil || got != c {
			t.Errorf("%v: got %+v, %v just before it expires, want %+v", purpose, got, err, c)
		}
		for _, late := range []time.Duration{0, 1, day, 4000 * day} {
			if got, err := keys.Verify(purpose, text, c.Expires.Add(late)); !errors.Is(err,
				token.ErrExpired) || got != c {
				t.Errorf("%v: got %+v, %v %v after it expired, want %+v, %v", purpose, got, err, late,
					c, token.ErrExpired)
			}
		}
	}
}

func TestSignRefusesWhatCannotBeReadBack(t *testing.T) {
	for _, test := range []struct {
		why    string
		change func(*token.Claims)
	}{
		{"no purpose", func(c *token.Claims) { c.Purpose = 0 }},
		{"no such purpose", func(c *token.Claims) { c.Purpose = 200 }},
		{"nobody", func(c *token.Claims) { c.Person = "" }},
		{"a short id", func(c *token.Claims) { c.Person = "abcdefgh234567a" }},
		{"a long id", func(c *token.Claims) { c.Person = "abcdefgh234567aba" }},
		{"an id in upper case", func(c *token.Claims) { c.Person = "ABCDEFGH234567AB" }},
		{"an id that is not base32", func(c *token.Claims) { c.Person = "abcdefgh10000089" }},
		{"an id with a line break", func(c *token.Claims) { c.Person = "abcdefgh234567\r\n" }},
		{"a short thing", func(c *token.Claims) { c.Thing = "wxyz" }},
		{"a thing with a line break", func(c *token.Claims) { c.Thing = "wxyz234\n" }},
		{"a reply without a date", func(c *token.Claims) { c.Date = mend.Date{} }},
		{"30 February", func(c *token.Claims) { c.Date = mend.Date{Year: 2026, Month: 2, Day: 30} }},
		{"before the count of days", func(c *token.Claims) { c.Date = date("1970-01-01") }},
		{"long before it", func(c *token.Claims) { c.Date = mend.Date{Year: 1800, Month: 1, Day: 1} }},
		{"after the count of days", func(c *token.Claims) { c.Date = date("2149-06-07") }},
		{"long after it", func(c *token.Claims) { c.Date = date("2200-01-01") }},
		{"a sign-in without an expiry", func(c *token.Claims) { c.Purpose = token.SignIn }},
		{"an expiry beyond 32 bits",
			func(c *token.Claims) { c.Purpose = token.SignIn; c.Expires = time.Unix(math.MaxUint32+1, 0) }},
	} {
		c := letter
		c.Purpose = token.Reply
		test.change(&c)
		if got, err := keys.Sign(c); err == nil || got != "" {
			t.Errorf("%s: got %q, %v, want an error", test.why, got, err)
		}
		if c.Purpose == token.Reply { // which ReplyAddress sets by itself
			if got, err := keys.ReplyAddress(c, "in.example.org"); err == nil || got != "" {
				t.Errorf("%s: got %q, %v, want an error", test.why, got, err)
			}
		}
	}
}

func TestUnsubscribeNeedsNoDate(t *testing.T) {
	c := letter
	c.Date = mend.Date{}
	text := sign(t, token.Unsubscribe, c)
	c.Purpose = token.Unsubscribe
	if got, err := keys.Verify(token.Unsubscribe, text, before); err != nil || got != c {
		t.Errorf("got %+v, %v, want %+v", got, err, c)
	}
}

// The MACs are shared between goroutines; run with -race.
func TestKeysServeManyAtOnce(t *testing.T) {
	want := sign(t, token.Reply, letter)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 200 {
				c := letter
				c.Purpose = token.Reply
				if got, err := keys.Sign(c); err != nil || got != want {
					t.Errorf("got %s, %v, want %s", got, err, want)
					return
				}
				if _, err := keys.Verify(token.Reply, want, before); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// Whatever is presented: no panic, and what passes is what we would sign.
func FuzzVerify(f *testing.F) {
	for _, purpose := range all {
		c := letter
		c.Expires = expires
		f.Add(byte(purpose), sign(f, purpose, c))
	}
	f.Add(byte(token.Reply), "<A4AEIMQUY7LPTX34>.")
	f.Fuzz(func(t *testing.T, purpose byte, text string) {
		c, err := keys.Verify(token.Purpose(purpose), text, before)
		if err != nil {
			return
		}
		again, err := keys.Sign(c)
		if err != nil || !strings.EqualFold(again, strings.Trim(text, "<>. \t\r\n")) {
			t.Fatalf("%q passes as %+v, which signs as %q, %v", text, c, again, err)
		}
	})
}

func ExampleKeys_Verify() {
	keys, _ := token.NewKeys(token.Key{ID: 1, Secret: [32]byte{'a', ' ', 's', 'e', 'c', 'r', 'e', 't'}})
	now := time.Date(2026, time.March, 29, 12, 0, 0, 0, time.UTC)
	link, _ := keys.Sign(token.Claims{
		Purpose: token.SignIn, Person: "abcdefgh234567ab", Thing: "wxyz2345", Expires: now.Add(token.SignIn.Lifetime()),
	})

	claims, err := keys.Verify(token.SignIn, link, now.Add(time.Minute))
	fmt.Println(claims.Person, err)
	_, err = keys.Verify(token.SignIn, link, now.Add(time.Hour))
	fmt.Println(err)
	_, err = keys.Verify(token.Confirm, link, now.Add(time.Minute))
	fmt.Println(err)
	// Output:
	// abcdefgh234567ab <nil>
	// token expired
	// token not signed by us for this purpose
}

// Every letter carries a handful.
func BenchmarkSign(b *testing.B) {
	c := letter
	c.Purpose = token.Unsubscribe
	b.ReportAllocs()
	for b.Loop() {
		if _, err := keys.Sign(c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	text := sign(b, token.Reply, letter)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := keys.Verify(token.Reply, text, before); err != nil {
			b.Fatal(err)
		}
	}
}

func anyClaims() *rapid.Generator[token.Claims] {
	return rapid.Custom(func(t *rapid.T) token.Claims {
		c := token.Claims{
			Purpose:      rapid.SampledFrom(all).Draw(t, "purpose"),
			Person:       mend.ID(base32(16).Draw(t, "person")),
			Subscription: rapid.Uint8().Draw(t, "subscription"),
			Epoch:        rapid.Uint16().Draw(t, "epoch"),
			Date:         mend.DateFromDays(rapid.IntRange(1, math.MaxUint16).Draw(t, "date")),
		}
		if rapid.Bool().Draw(t, "has a thing") {
			c.Thing = mend.ItemID(base32(8).Draw(t, "thing"))
		}
		for _, purpose := range clocked {
			if c.Purpose == purpose {
				c.Expires = time.Unix(rapid.Int64Range(1, math.MaxUint32).Draw(t, "expires"), 0).UTC()
			}
		}
		return c
	})
}

func base32(n int) *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune(alphabet)), n, n, n)
}

func newKeys(current token.Key, older ...token.Key) token.Keys {
	keys, err := token.NewKeys(current, older...)
	if err != nil {
		panic(err)
	}
	return keys
}

func sign(t testing.TB, purpose token.Purpose, c token.Claims) string {
	t.Helper()
	c.Purpose = purpose
	text, err := keys.Sign(c)
	if err != nil {
		t.Fatalf("%v: %v", purpose, err)
	}
	return text
}

func date(text string) mend.Date {
	d, err := mend.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}
