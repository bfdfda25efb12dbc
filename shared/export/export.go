// Package export writes out all that we hold of a person, as JSON for machines and as Markdown for people: for the page
// on which somebody fetches it themselves, and for the operator's command.
package export

import (
	"encoding/json"
	"io"
	"time"

	"example.org/mend/shared/person"
	"example.org/mend/shared/service"
)

// Schema is the version of [Everything]. It moves when a field changes its meaning or goes; new fields leave it as it is.
const Schema = 1

// Everything is all that we hold of a person. Dates are YYYY-MM-DD in the person's zone, instants are RFC 3339
// in UTC, times of day are HH:MM. A field that does not apply is left out.
type Everything struct {
	Schema        int            `json:"schema"`
	Exported      time.Time      `json:"exported"`
	Person        Person         `json:"person"`
	Subscriptions []Subscription `json:"subscriptions"`
	Replies       []Reply        `json:"replies"`  // oldest first
	Promises      []Promise      `json:"promises"` //
	Letters       []Letter       `json:"letters"`  // that were sent to you, oldest first; what they said is in your inbox
	Coming        []Coming       `json:"coming"`   // single letters that are still to be sent
	Monthly       Monthly        `json:"monthly"`
}

// Person is the person themselves.
type Person struct {
	ID        person.ID        `json:"id"`
	Address   string           `json:"address"`
	Name      string           `json:"name,omitempty"`
	Status    person.Status    `json:"status"` // pending, active, stopped, suppressed
	Zone      string           `json:"zone"`   // IANA id
	Language  string           `json:"language"`
	Role      person.Role      `json:"role,omitempty"` // broke-trust, was-hurt, both
	Privacy   person.Privacy   `json:"privacy"`        // quotes, no-quotes, link-only
	Retention person.Retention `json:"retention"`      // for-good, 90-days, none
	NoContact bool             `json:"noContact"`
	Joined    time.Time        `json:"joined"`
	Stopped   *time.Time       `json:"stopped,omitempty"`
	Consent   Consent          `json:"consent"`
}

// Consent is what the person agreed to.
type Consent struct {
	Text string    `json:"text"` // version of the words
	At   time.Time `json:"at"`
	How  string    `json:"how"`
}

// Monthly is how the person wants the monthly letter.
type Monthly struct {
	LastYear bool `json:"lastYear"` // it may show the same month a year ago
	Quiet    bool `json:"quiet"`    // none about a month that has nothing to show
}

// Subscription is one series of letters.
type Subscription struct {
	Number      uint8         `json:"number"`
	Kind        person.Kind   `json:"kind"`   // checkin, reminder, digest
	Status      person.Status `json:"status"` // pending, active, stopped, suppressed, off
	Path        string        `json:"path,omitempty"`
	Words       string        `json:"words,omitempty"` // of a reminder
	Cadence     Cadence       `json:"cadence"`
	PausedUntil person.Date   `json:"pausedUntil,omitzero"`
	FirstDate   person.Date   `json:"firstDate,omitzero"`
	LastDate    person.Date   `json:"lastDate,omitzero"`
	Round       int           `json:"round,omitempty"` // how often all cards were sent
}

// Cadence is a rhythm; see [person.Cadence].
type Cadence struct {
	Kind   person.CadenceKind `json:"kind"`           // daily, weekly, monthly, by-weekday, yearly, once
	Days   []string           `json:"days,omitempty"` // Monday …
	Every  int                `json:"every,omitempty"`
	Day    int                `json:"day,omitempty"`
	Nth    int                `json:"nth,omitempty"`
	Month  int                `json:"month,omitempty"`
	Anchor person.Date        `json:"anchor,omitzero"`
	Time   string             `json:"time"`
	Zone   string             `json:"zone"`
}

// Reply is what the person wrote back to one letter.
type Reply struct {
	To          LetterName       `json:"to"` // the letter that it answers
	At          time.Time        `json:"at"`
	Date        person.Date      `json:"date"`
	Question    string           `json:"question,omitempty"` // what the letter had asked
	Words       string           `json:"words"`
	Answers     []person.Answer  `json:"answers,omitempty"`     // words beneath lines of ours, as pairs
	Mood        int              `json:"mood,omitempty"`        // 1 heavy to 5 light
	Attachments int              `json:"attachments,omitempty"` // counted, not kept
	Names       []string         `json:"attachmentNames,omitempty"`
	Flag        person.ReplyFlag `json:"flag,omitempty"` // unproven, quarantined
	Starred     bool             `json:"starred,omitempty"`
	Muted       bool             `json:"muted,omitempty"`
}

// LetterName names a letter: its local date, and the subscription's number or the id of a letter that belongs to none.
type LetterName struct {
	Date         person.Date  `json:"date"`
	Subscription uint8        `json:"subscription,omitempty"`
	OneOff       person.Thing `json:"oneOff,omitempty"`
}

// Promise is something that the person said they would do.
type Promise struct {
	ID     person.Thing        `json:"id"`
	Words  string              `json:"words"`
	Due    person.Date         `json:"due"`
	State  person.PromiseState `json:"state"` // open, kept, not-yet, let-go, resting
	Made   time.Time           `json:"made"`
	Closed *time.Time          `json:"closed,omitempty"`
}

// Letter is the record of one letter to the person.
type Letter struct {
	LetterName
	Kind      person.Kind    `json:"kind"`
	Outcome   person.Outcome `json:"outcome"`        // accepted, failed, unknown, given-up, expired
	Card      int            `json:"card,omitempty"` // number of the card
	Question  string         `json:"question,omitempty"`
	At        time.Time      `json:"at"`
	Delivered *time.Time     `json:"delivered,omitempty"`
	MessageID string         `json:"messageId,omitempty"` // the mail service's
}

// Coming is a single letter that is still to be sent.
type Coming struct {
	ID       person.Thing `json:"id"`
	Kind     person.Kind  `json:"kind"`
	Due      time.Time    `json:"due"`
	Promise  person.Thing `json:"promise,omitempty"`
	Reminder uint8        `json:"reminder,omitempty"` // the number of its subscription, which has the words
}

// Of puts what the service read into the form of the files.
func Of(e service.Export, now time.Time) Everything {
	p := e.Person
	out := Everything{
		Schema: Schema, Exported: now.UTC(),
		Person: Person{
			ID: p.ID, Address: p.Address.Mail(), Name: p.Name, Status: p.Status, Zone: p.Zone, Language: p.Locale, Role: p.Role,
			Privacy: p.Privacy, Retention: p.Retention, NoContact: p.NoContact, Joined: p.Created.UTC(), Stopped: instant(p.StoppedAt),
			Consent: Consent{p.Consent.Text, p.Consent.At.UTC(), p.Consent.How},
		},
		Subscriptions: []Subscription{}, Replies: []Reply{}, Promises: []Promise{},
		Letters: []Letter{}, Coming: []Coming{}, Monthly: Monthly{e.Monthly.LastYear, e.Monthly.Quiet},
	}
	for _, s := range e.Subscriptions {
		out.Subscriptions = append(out.Subscriptions, Subscription{
			Number: s.Number, Kind: s.Kind, Status: s.Status, Path: s.Path, Words: s.Words, Cadence: cadenceOf(s.Cadence),
			PausedUntil: s.PausedUntil, FirstDate: s.FirstDate, LastDate: s.LastDate, Round: s.Round,
		})
	}
	for _, r := range e.Replies {
		out.Replies = append(out.Replies, Reply{
			To: LetterName(r.Of), At: r.At.UTC(), Date: r.Date, Question: r.Question, Words: r.Words, Answers: r.Answers,
			Mood: r.Mood, Attachments: r.Attachments, Names: r.AttachmentNames, Flag: r.Flag, Starred: r.Starred, Muted: r.Muted,
		})
	}
	for _, p := range e.Promises {
		out.Promises = append(out.Promises, Promise{p.ID, p.Words, p.Due, p.State, p.Made.UTC(), instant(p.Closed)})
	}
	for _, l := range e.Letters {
		out.Letters = append(out.Letters, Letter{
			LetterName(l.Of), l.Kind, l.Outcome, l.Card, l.Question, l.At.UTC(), instant(l.Delivered), l.MessageID,
		})
	}
	for _, o := range e.OneOffs {
		out.Coming = append(out.Coming, Coming{o.ID, o.Kind, o.Due.UTC(), o.Promise, o.Reminder})
	}
	return out
}

func cadenceOf(c person.Cadence) Cadence {
	out := Cadence{
		Kind: c.Kind, Every: c.Every, Day: c.Day, Nth: c.Nth, Month: int(c.Month), Anchor: c.Anchor, Time: c.Time.String(), Zone: c.Zone,
	}
	for _, d := range c.Days.List() {
		out.Days = append(out.Days, d.String())
	}
	return out
}

// instant is t in UTC, or nothing for the zero time.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// WriteJSON writes everything as one JSON document.
func (e Everything) WriteJSON(w io.Writer) error {
	to := json.NewEncoder(w)
	to.SetIndent("", "  ")
	return to.Encode(e)
}
