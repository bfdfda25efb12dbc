package mend

import (
	"strings"
	"time"
)

// Reply is what a person wrote back to one letter: their own words, kept for them alone.
type Reply struct {
	Person ID
	Of     LetterKey // the letter that it answers
	// of its Message-ID and its text, or of all of it where it has no such id: what makes a
	// redelivery the same reply
	Hash  string
	At    time.Time
	Date  Date // the local date on which it came
	Words string
	// it had words, a number or something about a promise, whether or not they are kept; false
	// where it only asked for something about letters
	Wrote       bool
	Question    string // what the letter had asked
	Answers     []Answer
	Mood        int // 1 heavy to 5 light; 0: not said
	Attachments int // counted, not kept

	AttachmentNames []string // of the first few that had one
	Flag            ReplyFlag
	Starred         bool
	Muted           bool // never quoted in a letter
}

// OrdersAlone reports whether a reply only asked for something about letters, such as PAUSE. There
// is nothing of it to read again, and the day isn't one on which its person wrote.
func (r Reply) OrdersAlone() bool {
	return !r.Wrote && strings.TrimSpace(r.Words) == "" && r.Mood == 0 && r.Attachments == 0
}

// Answer is words that the person wrote beneath a line of our letter that they left standing.
type Answer struct {
	Question string `json:"question"`
	Words    string `json:"words"`
}

// ReplyFlag says why a reply waits under "was this you?" and is never quoted.
type ReplyFlag string

// The flags of a reply.
const (
	NotFlagged  ReplyFlag = ""
	Unproven    ReplyFlag = "unproven"    // From is not the confirmed address, or DMARC did not pass
	Quarantined ReplyFlag = "quarantined" // spam or DMARC FAIL
)

// Promise is something that a person said they will do by a date.
type Promise struct {
	Person ID
	ID     ItemID
	Words  string
	Due    Date
	State  PromiseState
	Made   time.Time
	Closed time.Time // when it was kept or let go; zero while it is open

	ShowWords bool // they ticked "put these words into the e-mail"

	Hold Hold // since someone said no: nothing asks about it until the person has looked at it
}

// IsOpen reports whether a promise is one to ask about.
func (p Promise) IsOpen() bool { return p.State == PromiseOpen && p.Hold == Hold{} }

// MayBeNamed reports whether a promise has no answer and letters may name it.
func (p Promise) MayBeNamed() bool {
	return (p.State == PromiseOpen || p.State == NotYet) && p.Hold == Hold{}
}

// PromiseState is the person's own word about a promise.
type PromiseState string

// The states of a promise.
const (
	PromiseOpen PromiseState = "open"
	Kept        PromiseState = "kept"
	NotYet      PromiseState = "not-yet"
	LetGo       PromiseState = "let-go"
)
