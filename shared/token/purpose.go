package token

import (
	"cmp"
	"time"
)

// Purpose is the one thing that a token may do. Its number stands nowhere outside the
// program; its name is in the key.
type Purpose byte

// The purposes.
const (
	Reply         Purpose = iota + 1 // answer this letter
	Unsubscribe                      // one click, from the header or the footer
	Preferences                      // a letter's "change or pause" page, which shows no words
	Confirm                          // yes, send me letters
	NotMe                            // it was not me who asked
	SignIn                           // open a session, once
	Promise                          // the page of a promise letter: kept, not yet, let go
	AddressChange                    // the new address says that it is theirs
	AddressCancel                    // the old address says no
	Calendar                         // the calendar feed of when letters come
	Page                             // a check-in as a page
	Mute                             // don't send me letters that anyone can cause
	Stamp                            // a letter that is asked for while very many are: the work that it costs
	Visit                            // part of the session's cookie: the last page was shown less than two hours ago
)

const day = 24 * time.Hour

type policy struct {
	name  string        // goes into the key: changing it voids every token of the purpose
	life  time.Duration // 0: for good
	clock bool          // counts from a moment that the token carries, not from its date
}

// The one table of how long tokens live, and why.
var policies = [...]policy{
	// A year of letters, and a month to answer the last one.
	Reply: {"reply", 400 * day, false},
	// Whoever holds a letter, however old, can stop us.
	Unsubscribe: {"unsubscribe", 0, false},
	// Letters are forwarded and left open; what the page can do is mild, and the next
	// letter has a new link.
	Preferences: {"preferences", 30 * day, false},
	// Somebody pending is erased after seven days: there is nothing left to confirm or to deny.
	Confirm: {"confirm", 7 * day, true},
	NotMe:   {"not-me", 7 * day, true},
	// Long enough for slow mail, short enough for a mailbox that someone else reads later.
	SignIn: {"sign-in", 15 * time.Minute, true},
	// We ask once; the answer may take a few weeks.
	Promise: {"promise", 30 * day, false},
	// A new address waits 72 hours; whoever has not confirmed it by then asks again.
	AddressChange: {"address-change", 3 * day, true},
	// Longer than the wait, so that a late "no" meets a page that explains instead of a dead link.
	AddressCancel: {"address-cancel", 7 * day, true},
	// A feed that stopped by itself would look like an empty calendar. It shows times,
	// never words.
	Calendar: {"calendar", 0, false},
	// As long as the preferences link of the same letter.
	Page: {"page", 30 * day, false},
	// The way back is the same page, so that refusing links to sign in locks no one out who keeps
	// the letter.
	Mute: {"mute", 0, false},
	// Time to do the work, or to wait instead of it.
	Stamp: {"stamp", 10 * time.Minute, true},
	// From one page to the next. It opens nothing without the session, which ends by itself.
	Visit: {"visit", 2 * time.Hour, true},
}

// Lifetime is how long a token of the purpose is good for; 0 means for good. It counts
// from the token's date for Reply, Preferences, Promise and Page, and from signing (so that
// Expires is now plus Lifetime) for the others.
func (p Purpose) Lifetime() time.Duration { return p.policy().life }

// String is the name of the purpose, such as "sign-in".
func (p Purpose) String() string { return cmp.Or(p.policy().name, "no purpose") }

func (p Purpose) known() bool { return p.policy() != policy{} }

func (p Purpose) policy() policy {
	if int(p) >= len(policies) {
		return policy{}
	}
	return policies[p]
}
