// Package account holds what a person decides about their letters: joining and confirming,
// settings, pauses and stops, no-contact, the address that letters go to, and the way in and out.
// It links neither what reads mail nor what writes letters.
package account

import (
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
)

// core is what the use cases of this package share.
type core struct{ *change.Base }

// Service is the use cases of someone who opened a link of their letters, or who signed in.
type Service struct{ core }

// New returns the use cases. They need the table, the queue, the restore journal and
// the keys of links.
func New(b *change.Base) *Service { return &Service{core{b}} }

// SignUp is the way from the sign-up form to the first letter.
type SignUp struct{ core }

// NewSignUp needs what [New] needs.
func NewSignUp(b *change.Base) *SignUp { return &SignUp{core{b}} }

// SignIn is what concerns a mailbox: who may read it signs in, letters move to another one, and
// letters that strangers can cause are refused.
type SignIn struct{ core }

// NewSignIn needs what [New] needs.
func NewSignIn(b *change.Base) *SignIn { return &SignIn{core{b}} }

// Access is who asks, and how they showed it. It is made by [SignIn.Session] and
// by the use cases that take a link's token.
type Access struct {
	Person   mend.ID
	SignedIn bool           // with a session; a link alone may do less (design, section 6)
	Stale    bool           // with one of more than ten minutes, when someone else may sit at the browser
	Of       mend.LetterKey // the letter that the link stands in; that of a promise is named as the promise is
	Epoch    uint16         // of the link
	Past     bool           // the link is of an earlier epoch: it can stop letters, and show nothing
	Secret   string         // of the session; "" without one
	// how the letter of the link was answered: "yes", "no" or "keep" of a move, [NotMeDone] of a
	// confirmation; "" before. An answered link shows its answer and changes nothing
	Done string
}

// Settings is what the preferences pages show. Its reminders and resting promises hold words of the
// person's, and nothing else does; they are there for a session alone.
type Settings struct {
	Status      mend.Status
	Form        Form
	Rhythm      string      // in words: "Mondays and Thursdays at 07:30"
	Next        time.Time   // the next check-in, in the person's zone; zero if none comes
	Upcoming    []time.Time // the next three, for a person who has not confirmed as if they did so now
	ShowsPath   bool        // the page may show the path, the person's side and "they said no"
	Path        string
	Role        mend.Role
	Retention   mend.Retention
	NoContact   bool
	Paused      bool           // all letters
	Skips       bool           // the next check-in, and nothing else
	Rests       bool           // paused by us, because the mailbox took no letters
	MayUndo     bool           // a stop within the last hour
	MayTakeBack bool           // "they said no" within the last hour
	Slower      string         // the next slower rhythm in words; "" if there is none
	Reminders   []Reminder     // none without a session
	OnHold      []mend.Promise // to be looked over, by due date; none without a session
	Preferences string         // a token for the preferences page; for a session alone
	Calendar    string         // a token for the calendar; for a session alone
	Moving      *Move          // to another address; for a session alone
	Address     string         // where letters go; for a session alone
}

// Reminder is one of a person's own reminders.
type Reminder struct {
	mend.Subscription
	Rhythm   string
	Next     time.Time   // in its zone; zero if none comes
	Upcoming []time.Time // the next three
	Paused   bool        // by itself, until it is started again
	OnHold   bool        // until the person has looked at it, after someone said no
	Shown    string      // for [Form.Was]
}
