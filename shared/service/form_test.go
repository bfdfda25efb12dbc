package service_test

import (
	"errors"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
)

// A name stands at the head of letters, and a stranger may have typed it.
func TestANameHoldsNoLink(t *testing.T) {
	problem := func(name string) string {
		svc := service.New(service.Config{Base: change.Base{Now: func() (now time.Time) { return now }}})
		_, err := svc.SignUp.Check(account.Form{Name: name})
		problems, ok := errors.AsType[mend.Problems](err)
		if !ok {
			t.Fatalf("%q: got %v, want problems: the rest of the form is empty", name, err)
		}
		return problems["name"]
	}
	for _, name := range []string{
		"", "Ann", "Ann Müller-Lüdenscheidt", "J. R. Smith", "St. John", "Jr.", "O’Neill, Ann", "Ann (the tall one)",
		"李 明", "अनु", "👩‍👧", "!", "Ann …", "Dr. Ann", "Ann & Bob", "محمد",
	} {
		if got := problem(name); got != "" {
			t.Errorf("%q: got %q, want it taken", name, got)
		}
	}
	for _, name := range []string{
		"https://evil.example", "evil.example", "EVIL.EXAMPLE", "see evil.example now", "bit.ly", "www.evil", "a.b",
		"1.2.3.4", "x.1", "mail me: ann", "ann@evil", "ann＠evil", "a/b", "a／b", "a：b", "evil。example", "evil．example",
		"evil｡example", "evil․example", "evil.\u200bexample", "evil\u200b.example", "evil.\u00adexample",
		"evil\ufe0f.example", "e\u0301.com", "💩.la", "javascript:x", `\\evil\share`, "<b>", "tel:+1", "ⓔvil.ⓔxample",
		"Ann…Bob", "http\ufe13//evil", "℀",
	} {
		if problem(name) == "" {
			t.Errorf("%q: taken, want it refused: a mail program may make a link of it", name)
		}
	}
	for _, name := range []string{
		"\u200b", "\u2800", "\u3164", "\u115f\u1160", "\ufe0f", "\u00ad", "\u034f", "\U000e0041", "\uffa0", "\u2060",
		"\u0301",
	} {
		if problem(name) == "" {
			t.Errorf("%q: taken, want it refused: it has nothing to see", name)
		}
	}
}

func TestAnAddressMayBeCopied(t *testing.T) {
	for _, typed := range []string{
		" ann@example.test\u00a0", "\u200eann@example.test\u200e", "\u2068ann@example.test\u2069",
	} {
		if got, err := account.ParseAddress(typed); err != nil || got.Mail() != "ann@example.test" {
			t.Errorf("%q: got %v, %v", typed, got, err)
		}
	}
}
