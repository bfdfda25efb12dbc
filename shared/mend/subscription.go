package mend

import "time"

// Subscription is one standing series of letters to one person, with all that
// the sender needs to know, so that a send reads this one item.
type Subscription struct {
	Person  ID
	Number  uint8 // CheckIn is 1, Digest 2, reminders 3 and up
	Kind    Kind
	Status  Status // pending until the person confirms
	Address Address
	Name    string
	Privacy Privacy
	Cover   string // the person's, as their epoch is
	Epoch   uint16
	Cadence Cadence
	Slot    string // where the dispatcher finds it while it is active; the store's own

	// Settings of a check-in.
	Path       string
	Role       Role
	NoContact  bool
	Retired    []byte // bitmap of the cards that the person does not want
	DigestDay  int    // the day of the month of the digest, which may replace the check-in; 0: none
	DigestFrom Date   // the first date on which it does

	// Settings of a digest, beside its day.
	LastYear   bool // with the same month a year ago
	QuietMonth bool // none at all for a month that has nothing to show

	// Settings of a reminder.
	Words     string // the person's own, at most 200 characters
	ShowWords bool   // they ticked "put these words into the e-mail"

	Version   int64 // moves with every change of the settings, and with every claim
	Hold      Hold
	FirstDate Date // no letter before it

	// LastReply is the local date of the newest reply to it, and how many attachments that one had,
	// so that the next letter can say that it was kept. A reply's arrival and deletion write them.
	LastReply            Date
	LastReplyAttachments int

	// Moods are the two newest that the person gave. A reply's arrival and deletion write them.
	Moods [2]Mood

	Progress
}

// Progress is the part of a subscription that only the sender writes.
type Progress struct {
	LastDate Date  // of the last occurrence claimed
	Letters  int   // how many were claimed: the number in a subject with a cover name
	Claim    Claim // of that occurrence
	Step
}

// Step is where a check-in stands on its path. Package curriculum reads and advances it.
type Step struct {
	Seen     []byte // bitmap of the cards whose page came in this round
	Round    int    // from 1: how often the library was begun; 0 is 1
	LastCard int    // of the last page
	Closed   uint8  // a bit for each path whose arc is over

	Began      Date   // the date of this week's page, or of the letter in its place
	WeekKind   string // what that letter was: a curriculum.Kind
	Asked      int    // how many short check-ins followed it
	PartBegan  Date   // the date of the first page of this part of the arc
	LookedBack int    // after how many steps a letter looked back; 0 once a page followed

	MoodAnswered time.Time // of the last mood that a letter answered with its fixed line
	LightAfter   time.Time // of the last mood that a light card answered
}

// Mood is a number that a person gave, 1 heavy to 5 light, and when.
type Mood struct {
	Value int // 0: none
	At    time.Time
}

// AddMood adds a mood to the two newest, which stand newest first.
func AddMood(moods [2]Mood, m Mood) [2]Mood {
	switch {
	case m.Value == 0:
	case !m.At.Before(moods[0].At):
		return [2]Mood{m, moods[0]}
	case !m.At.Before(moods[1].At):
		return [2]Mood{moods[0], m}
	}
	return moods
}

// RemoveMood takes the mood of an instant out of the two newest.
func RemoveMood(moods [2]Mood, at time.Time) [2]Mood {
	switch {
	case moods[0].At.Equal(at):
		return [2]Mood{moods[1], {}}
	case moods[1].At.Equal(at):
		return [2]Mood{moods[0], {}}
	}
	return moods
}

// Numbers of subscriptions. Everyone has the first two.
const (
	CheckInNumber uint8 = 1
	DigestNumber  uint8 = 2
	FirstReminder uint8 = 3
	MostReminders       = 10
)

// Claim is the sender's word that it is about to send an occurrence.
type Claim struct {
	Nonce string
	State ClaimState
	At    time.Time
	Card  int
}

// ClaimState is what became of a claim.
type ClaimState string

// A claim is open until it is released; what became of the letter says its record. Only that of a
// one-off ends as well, since no later letter comes of it.
const (
	ClaimNone     ClaimState = ""
	ClaimOpen     ClaimState = "open"
	ClaimReleased ClaimState = "released" // surely not sent: may be claimed again
	ClaimEnded    ClaimState = "ended"    // of a one-off that is not sent any more
)

// Kind is what a letter is for.
type Kind string

// The kinds of letter. The first three are subscriptions; the rest are one-offs.
const (
	CheckIn      Kind = "checkin"
	Reminder     Kind = "reminder"
	Digest       Kind = "digest"
	Confirmation Kind = "confirmation"
	Welcome      Kind = "welcome"
	PromiseKind  Kind = "promise"
	SignIn       Kind = "signin"
	Notice       Kind = "notice"
)

// SendWindow is how long after its due instant a letter may still go out.
const SendWindow = 6 * time.Hour

// OneOff is a letter that belongs to no subscription.
type OneOff struct {
	Person   ID
	ID       ItemID
	Kind     Kind
	Address  Address
	Name     string
	Privacy  Privacy
	Zone     string
	Due      time.Time
	Expires  time.Time // not sent after this
	Promise  ItemID    // of a promise letter: which
	Reminder uint8     // of a reminder that comes once more, or later: its number
	Notice   string    // of a notice: which message of the catalogue
	Date     Date      // of a promise: its due date; of the others: the local date of Due
	Meant    time.Time // when it would have come had no pause held it back; zero: at Due
	Claim    Claim
	Attempts int
	Version  int64 // moves with every claim and move, and when it ends
}

// Letter is the record of one occurrence or one-off: what became of it.
type Letter struct {
	Person    ID
	Of        LetterKey
	Kind      Kind
	Outcome   Outcome
	Nonce     string // of the attempt that this outcome is about
	Card      int    // 0: none
	Question  string // what was asked, so that the journal can show it
	Notice    string // of a notice: its name
	Reminder  uint8  // of a one-off that brought a reminder: its number
	MessageID string // SES's
	At        time.Time
	Delivered time.Time // zero: not heard of
	Bounced   time.Time // when the mailbox did not take it for now; zero: not heard of
}

// LetterKey names a letter within its person: the local date, and either the
// subscription's number or, where that is 0, the one-off.
type LetterKey struct {
	Date         Date
	Subscription uint8
	OneOff       ItemID
}

// Outcome is how sending ended.
type Outcome string

// The outcomes. Unknown is a call that may or may not have been taken.
const (
	Accepted Outcome = "accepted"
	Failed   Outcome = "failed"
	Unknown  Outcome = "unknown"
	GivenUp  Outcome = "given-up"
	Expired  Outcome = "expired"
)
