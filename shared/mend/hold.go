package mend

import "strings"

// Hold says that no letter may come before a date, and why. A subscription, a promise and a person
// (for all letters) can be on hold. The zero hold holds nothing. One that has ended stays, so that
// it is known when it did.
type Hold struct {
	Until Date // the first date on which letters may come again; zero if the hold lasts until the person ends it
	Why   HoldReason
}

// HoldReason is why something is on hold.
type HoldReason string

// The reasons.
const (
	Paused      HoldReason = "paused"   // the person paused all letters, or left out the next check-in
	PausedAlone HoldReason = "alone"    // the person paused this reminder, until they start it again
	Bouncing    HoldReason = "bouncing" // we paused all letters: the mailbox took none
	ToReview    HoldReason = "review"   // someone said no: it waits until the person has looked at it
)

// PauseUntil is a pause until a date; none for the zero date.
func PauseUntil(until Date) Hold {
	if until.IsZero() {
		return Hold{}
	}
	return Hold{until, Paused}
}

// IsOpen reports whether a hold lasts until the person ends it.
func (h Hold) IsOpen() bool { return h.Why != "" && h.Until.IsZero() }

// Covers reports whether nothing may come on a date.
func (h Hold) Covers(d Date) bool { return h.IsOpen() || h.Until.After(d) }

// openEnd stands for the date of a hold that is open. It is greater than the text of any date.
const openEnd = "open"

// String writes a hold in one line: "2026-05-01 paused", "open review"; "" for none.
// [ParseHold] reads it.
func (h Hold) String() string {
	switch {
	case h == Hold{}:
		return ""
	case h.IsOpen():
		return openEnd + " " + string(h.Why)
	}
	return h.Until.String() + " " + string(h.Why)
}

// ParseHold undoes [Hold.String]. What it cannot read holds nothing.
func ParseHold(s string) Hold {
	until, why, _ := strings.Cut(s, " ")
	date, err := ParseDate(until)
	if why == "" || err != nil && until != openEnd {
		return Hold{}
	}
	return Hold{date, HoldReason(why)}
}
