package service_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

func TestAskingIsLimitedPerNetworkAndInAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-02-26 09:00")
	ask := func(what account.LimitedAction, from string, proof account.ProofOfWork) error {
		return w.svc.SignUp.Admit(t.Context(), what, netip.MustParseAddr(from), mend.StoredAddress(annMail), proof)
	}
	admit := func(what account.LimitedAction, from string) bool {
		err := ask(what, from, account.ProofOfWork{})
		if wanted, ok := errors.AsType[*account.ProofRequired](err); ok {
			err = ask(what, from, solved(wanted))
		}
		if err != nil && code(err) != mend.TooMany {
			t.Fatal(err)
		}
		return err == nil
	}
	until := func(what account.LimitedAction, from func(i int) string) int {
		for i := 0; ; i++ {
			if !admit(what, from(i)) {
				return i
			}
			if i > 100 {
				t.Fatal("no limit")
			}
		}
	}
	same := func(from string) func(int) string { return func(int) string { return from } }
	if got := until(account.SignUps, same("192.0.2.7")); got != 20 {
		t.Errorf("one address asked %d times within the hour, want 20", got)
	}
	if !admit(account.SignIns, "192.0.2.7") || !admit(account.SignUps, "192.0.2.8") ||
		!admit(account.SignUps, "::ffff:192.0.2.9") {
		t.Error("what one network used up of one limit counts for another")
	}
	if admit(account.SignUps, "::ffff:192.0.2.7") {
		t.Error("an address written as IPv6 passes for another")
	}
	// A household has 56 bits of IPv6, and any number of addresses in it.
	household := func(i int) string { return netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(i)}).String() }
	if got := until(account.SignUps, household); got != 20 {
		t.Errorf("one network of IPv6 asked %d times within the hour, want 20", got)
	}
	// A flood from everywhere waits the minute that stands for the work.
	flooded, tokens := 0, map[string]account.ProofOfWork{}
	for i := range 1000 {
		from := netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 1}).String()
		err := ask(account.SignUps, from, account.ProofOfWork{})
		if wanted, ok := errors.AsType[*account.ProofRequired](err); ok {
			tokens[from] = account.ProofOfWork{Token: wanted.Token}
		} else if w.do(err); true {
			flooded++
		}
	}
	w.now = w.now.Add(account.ProofWait)
	for from, waited := range tokens {
		if err := ask(account.SignUps, from, waited); err == nil {
			flooded++
		} else if code(err) != mend.TooMany {
			t.Fatal(err)
		}
	}
	if flooded != 600-20-2-20 {
		t.Errorf("a flood from everywhere got %d more, want 600 in all", flooded)
	}
	for range 50 {
		if !admit(account.SignUps, "127.0.0.1") || !admit(account.SignUps, "::1") {
			t.Fatal("the machine itself is counted")
		}
	}
	w.now = w.now.Add(time.Hour)
	if !admit(account.SignUps, "192.0.2.7") {
		t.Error("after the hour it is still too many")
	}
	if all := w.everything(); strings.Contains(all, "192.0.2") || strings.Contains(all, "2001:db8") {
		t.Error("the table holds a network's address")
	}
}

// solved does the work of a stamp, as the script of the page does.
func solved(wanted *account.ProofRequired) account.ProofOfWork {
	for i := 0; ; i++ {
		sum := sha256.Sum256([]byte(wanted.Token + "." + strconv.Itoa(i)))
		if binary.BigEndian.Uint32(sum[:])>>(32-wanted.Bits) == 0 {
			return account.ProofOfWork{Token: wanted.Token, Answer: strconv.Itoa(i)}
		}
	}
}

func TestALetterCostsAStampWhereTheLimitsAreNear(t *testing.T) {
	w := newWorld(t, "2026-02-26 09:00")
	ask := func(what account.LimitedAction, from, to string, stamp account.ProofOfWork) *account.ProofRequired {
		t.Helper()
		err := w.svc.SignUp.Admit(t.Context(), what, netip.MustParseAddr(from), mend.StoredAddress(to), stamp)
		wanted, ok := errors.AsType[*account.ProofRequired](err)
		if err != nil && !ok {
			t.Fatal(err)
		}
		return wanted
	}
	const network, other = "192.0.2.7", "198.51.100.1"
	var none account.ProofOfWork
	for i := range 10 {
		if ask(account.SignUps, network, annMail, none) != nil {
			t.Fatalf("a stamp is wanted after %d of 20", i)
		}
	}
	for range 50 { // a flood that does not pay takes nobody's place
		if ask(account.SignUps, network, annMail, none) == nil {
			t.Fatal("no stamp is wanted after 10 of 20")
		}
	}
	if ask(account.SignUps, other, annMail, none) != nil || ask(account.SignIns, network, annMail, none) != nil {
		t.Error("what one network asked for makes letters dear for another, or for another form")
	}
	wanted := ask(account.SignUps, network, annMail, none)
	good := solved(wanted)
	for name, bad := range map[string]account.ProofOfWork{
		"no answer":            {Token: wanted.Token},
		"a wrong answer":       {Token: wanted.Token, Answer: "x"},
		"an endless answer":    {Token: wanted.Token, Answer: strings.Repeat("1", 1<<20)},
		"an answer alone":      {Answer: good.Answer},
		"a token of one's own": {Token: strings.Repeat("a", len(wanted.Token)), Answer: good.Answer},
		"a token for sign-in":  solved(stampOf(w, account.SignIns, network, annMail)),
		"for another address":  solved(stampOf(w, account.SignUps, network, "bob@example.test")),
		"from another network": solved(stampOf(w, account.SignUps, "203.0.113.9", annMail)),
	} {
		if ask(account.SignUps, network, annMail, bad) == nil {
			t.Errorf("%s passes", name)
		}
	}
	if ask(account.SignUps, network, annMail, good) != nil {
		t.Error("a good stamp does not pass")
	}
	// Without a script: the same token, a minute later; the wait counts from when it was given out,
	// however often one asks meanwhile.
	wanted = ask(account.SignUps, network, "eve@example.test", none)
	waited := account.ProofOfWork{Token: wanted.Token}
	w.now = w.now.Add(59 * time.Second)
	if again := ask(account.SignUps, network, "eve@example.test", waited); again == nil || again.Token != wanted.Token {
		t.Errorf("before the minute is over: got %+v, want the same once more", again)
	}
	w.now = w.now.Add(time.Second)
	if ask(account.SignUps, network, "eve@example.test", waited) != nil {
		t.Error("a minute's wait is not taken")
	}
	w.now = w.now.Add(10 * time.Minute)
	if ask(account.SignUps, network, annMail, good) == nil {
		t.Error("a stamp is good after ten minutes")
	}
	// The nearer the limit, the dearer.
	first := ask(account.SignUps, network, annMail, none).Bits
	for range 7 {
		ask(account.SignUps, network, annMail, solved(ask(account.SignUps, network, annMail, none)))
	}
	if last := ask(account.SignUps, network, annMail, none); last.Bits <= first || last.Bits > 20 {
		t.Errorf("got %d bits near the limit, and %d far from it", last.Bits, first)
	}
	if ask(account.SignUps, "127.0.0.1", annMail, none) != nil {
		t.Error("the machine itself pays")
	}
}

// stampOf is what another asking would be asked for.
func stampOf(w *world, what account.LimitedAction, from, to string) *account.ProofRequired {
	w.Helper()
	for {
		err := w.svc.SignUp.Admit(w.Context(), what, netip.MustParseAddr(from), mend.StoredAddress(to),
			account.ProofOfWork{})
		if wanted, ok := errors.AsType[*account.ProofRequired](err); ok {
			return wanted
		}
		w.do(err)
	}
}
