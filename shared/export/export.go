// Package export writes a copy of everything about one person, as JSON for machines and as Markdown
// for people. The page of the journal and the operator's command use it. docs/export.md
// describes the files.
package export

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Schema is the version of [Everything]. It moves when a field changes its meaning or goes; new
// fields leave it as it is.
const Schema = 1

// Everything is all that we hold of a person, or one part of it: the lists that grow (replies,
// promises, letters) go on in the part that Next names, and all else stands in each part. Dates are
// YYYY-MM-DD in the person's zone, instants are RFC 3339 in UTC, times of day are HH:MM. A field
// that does not apply is left out.
type Everything struct {
	Head
	Replies  []Reply   `json:"replies"`  // oldest first; parts go by the letters that they answer
	Promises []Promise `json:"promises"` //
	Letters  []Letter  `json:"letters"`  // that were sent to you, oldest first; what they said is in your inbox
	Next     string    `json:"next"`     // where the next part begins: /export.json?after=…; "" in the last one
}

// Head is what does not grow.
type Head struct {
	Schema        int            `json:"schema"`
	Exported      time.Time      `json:"exported"`
	Person        Person         `json:"person"`
	Subscriptions []Subscription `json:"subscriptions"`
	Coming        []Coming       `json:"coming"` // single letters that are still to be sent
	Monthly       Monthly        `json:"monthly"`
	Asked         *Asked         `json:"asked,omitempty"`

	// RepliesNotKept is how many replies of unclear senders came beside the twenty that are kept.
	RepliesNotKept int `json:"repliesNotKept,omitempty"`
}

// Asked is what the sign-up form asked for after letters were stopped; it waits for a yes.
type Asked struct {
	At        time.Time    `json:"at"`
	Name      string       `json:"name,omitempty"`
	Path      string       `json:"path"`
	Privacy   mend.Privacy `json:"privacy"`
	Cadence   Cadence      `json:"cadence"`
	Monthly   bool         `json:"monthly"` // with the monthly letter
	Day       int          `json:"day"`     // its day
	NoContact bool         `json:"noContact"`
}

// Person is the person themselves.
type Person struct {
	ID        mend.ID        `json:"id"`
	Address   string         `json:"address"`
	Name      string         `json:"name,omitempty"`
	Status    mend.Status    `json:"status"` // pending, active, stopped, suppressed
	Zone      string         `json:"zone"`   // IANA id
	Language  string         `json:"language"`
	Role      mend.Role      `json:"role,omitempty"` // broke-trust, was-hurt, both
	Privacy   mend.Privacy   `json:"privacy"`        // quotes, no-quotes, link-only
	Retention mend.Retention `json:"retention"`      // for-good, 90-days, none
	NoContact bool           `json:"noContact"`
	Joined    time.Time      `json:"joined"`
	Stopped   time.Time      `json:"stopped,omitzero"`
	Consent   Consent        `json:"consent"`
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
	Number      uint8           `json:"number"`
	Kind        mend.Kind       `json:"kind"`   // checkin, reminder, digest
	Status      mend.Status     `json:"status"` // pending, active, stopped, suppressed, off
	Path        string          `json:"path,omitempty"`
	Words       string          `json:"words,omitempty"` // of a reminder
	Cadence     Cadence         `json:"cadence"`
	PausedUntil mend.Date       `json:"pausedUntil,omitzero"`
	OnHold      mend.HoldReason `json:"onHold,omitempty"` // paused, alone, bouncing, review
	FirstDate   mend.Date       `json:"firstDate,omitzero"`
	LastDate    mend.Date       `json:"lastDate,omitzero"`
	Round       int             `json:"round,omitempty"`    // how often all cards were sent
	NotForMe    []int           `json:"notForMe,omitempty"` // numbers of the cards that the person does not want
}

// Cadence is a rhythm; see [mend.Cadence].
type Cadence struct {
	Kind   mend.CadenceKind `json:"kind"`           // daily, weekly, monthly, by-weekday, yearly, once
	Days   []string         `json:"days,omitempty"` // Monday …
	Every  int              `json:"every,omitempty"`
	Day    int              `json:"day,omitempty"`
	Nth    int              `json:"nth,omitempty"`
	Month  int              `json:"month,omitempty"`
	Anchor mend.Date        `json:"anchor,omitzero"`
	Time   string           `json:"time"`
	Zone   string           `json:"zone"`
}

// Reply is what the person wrote back to one letter.
type Reply struct {
	To          LetterName     `json:"to"` // the letter that it answers
	At          time.Time      `json:"at"`
	Date        mend.Date      `json:"date"`
	Question    string         `json:"question,omitempty"` // what the letter had asked
	Words       string         `json:"words"`
	Answers     []mend.Answer  `json:"answers,omitempty"`     // words beneath lines of ours, as pairs
	Mood        int            `json:"mood,omitempty"`        // 1 heavy to 5 light
	Attachments int            `json:"attachments,omitempty"` // counted, not kept
	Names       []string       `json:"attachmentNames,omitempty"`
	Flag        mend.ReplyFlag `json:"flag,omitempty"` // unproven, quarantined
	Starred     bool           `json:"starred,omitempty"`
	Muted       bool           `json:"muted,omitempty"`
}

// LetterName names a letter: its local date, and the subscription's number or the id of a letter
// that belongs to none.
type LetterName struct {
	Date         mend.Date   `json:"date"`
	Subscription uint8       `json:"subscription,omitempty"`
	OneOff       mend.ItemID `json:"oneOff,omitempty"`
}

// Promise is something that the person said they would do.
type Promise struct {
	ID    mend.ItemID       `json:"id"`
	Words string            `json:"words"`
	Due   mend.Date         `json:"due"`
	State mend.PromiseState `json:"state"` // open, kept, not-yet, let-go
	// review: someone said no, and the person has not looked at it yet
	OnHold mend.HoldReason `json:"onHold,omitempty"`
	Made   time.Time       `json:"made"`
	Closed time.Time       `json:"closed,omitzero"`
}

// Letter is the record of one letter to the person.
type Letter struct {
	LetterName
	Kind      mend.Kind    `json:"kind"`
	Outcome   mend.Outcome `json:"outcome"`        // accepted, failed, unknown, given-up, expired
	Card      int          `json:"card,omitempty"` // number of the card
	Question  string       `json:"question,omitempty"`
	Notice    string       `json:"notice,omitempty"`   // name of a notice
	Reminder  uint8        `json:"reminder,omitempty"` // number of the reminder that a single letter brought
	At        time.Time    `json:"at"`
	Delivered time.Time    `json:"delivered,omitzero"`
	MessageID string       `json:"messageId,omitempty"` // the mail service's
}

// Coming is a single letter that is still to be sent.
type Coming struct {
	ID       mend.ItemID `json:"id"`
	Kind     mend.Kind   `json:"kind"`
	Due      time.Time   `json:"due"`
	Promise  mend.ItemID `json:"promise,omitempty"`
	Reminder uint8       `json:"reminder,omitempty"` // the number of its subscription, which has the words
}

// Format is how a copy is written. Its text ends the name of a file.
type Format string

// The formats.
const (
	JSON     Format = "json"
	Markdown Format = "md"
)

// Part is a part of a copy. The zero Part is all of it.
type Part struct {
	After string // the Next of the part before it; "" for the first

	// Most is how many bytes of records it has, as JSON without white space; 0 for no limit. A
	// larger record is a part by itself.
	Most int
}

// Read reads a copy of all that we hold of a person, or a part of it. It requires a session; an
// operator's command makes an Access that says so. Errors: [*mend.Error], with NotFound for a part
// that begins nowhere.
func Read(ctx context.Context, b *change.Base, a account.Access, part Part) (Everything, error) {
	if !a.SignedIn {
		return Everything{}, mend.ErrSignIn
	}
	c := copier{
		Base: b, most: part.Most, all: Everything{Replies: []Reply{}, Promises: []Promise{}, Letters: []Letter{}},
	}
	if err := c.readHead(ctx, a.Person); err != nil {
		return Everything{}, err
	}
	if err := c.readRecords(ctx, part.After); err != nil && !errors.Is(err, errFull) {
		return Everything{}, err
	}
	slices.SortStableFunc(c.all.Replies, func(a, b Reply) int { return a.At.Compare(b.At) })
	return c.all, nil
}

// Write writes the copy in a format.
func (e Everything) Write(to io.Writer, as Format) error {
	if as == Markdown {
		return markdownTemplate().Execute(to, e)
	}
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false) // it is never part of a page
	encoder.SetIndent("", "  ")
	return encoder.Encode(e)
}

// copier is a part of a copy while it is put together.
type copier struct {
	*change.Base
	person mend.Person
	most   int

	all  Everything
	size int    // of the records in it
	last string // the mark of the last record: the next part begins after it
}

// errFull ends the reading of a part that has its size.
var errFull = errors.New("the part is full")

func (c *copier) readHead(ctx context.Context, id mend.ID) error {
	w, err := c.Store.Load(ctx, id, c.Now())
	if err != nil {
		return change.GoneIfNotFound(err)
	}
	asked, err := c.Store.SignupRequest(ctx, id, c.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	held, err := c.Store.Held(ctx, id)
	if err != nil {
		return err
	}
	p := w.Person
	c.person = p
	c.all.Head = Head{
		Schema: Schema, Exported: c.Now().UTC(),
		Person: Person{
			ID: p.ID, Address: p.Address.Mail(), Name: p.Name, Status: p.Status, Zone: p.Zone, Language: p.Locale,
			Role: p.Role, Privacy: p.Privacy, Retention: p.Retention, NoContact: p.NoContact, Joined: p.Created,
			Stopped: p.StoppedAt, Consent: Consent(p.Consent),
		},
		Subscriptions: []Subscription{}, Coming: []Coming{}, RepliesNotKept: held.Refused,
	}
	for _, s := range w.Subscriptions {
		if s.Kind == mend.Digest {
			c.all.Monthly = Monthly{s.LastYear, s.QuietMonth}
		}
		c.all.Subscriptions = append(c.all.Subscriptions, Subscription{
			Number: s.Number, Kind: s.Kind, Status: s.Status, Path: s.Path, Words: s.Words,
			Cadence: cadenceOf(s.Cadence), PausedUntil: s.Hold.Until, OnHold: s.Hold.Why, FirstDate: s.FirstDate,
			LastDate: s.LastDate, Round: s.Round, NotForMe: curriculum.ParseBitmap(s.Retired).Numbers(),
		})
	}
	for _, o := range w.OneOffs {
		c.all.Coming = append(c.all.Coming, Coming{o.ID, o.Kind, o.Due, o.Promise, o.Reminder})
	}
	if a := asked; a.Path != "" {
		c.all.Asked = &Asked{
			a.Asked, a.Name, a.Path, a.Privacy, cadenceOf(a.Rhythm), a.Digest, a.DigestDay, a.NoContact,
		}
	}
	return nil
}

func cadenceOf(c mend.Cadence) Cadence {
	out := Cadence{
		Kind: c.Kind, Every: c.Every, Day: c.Day, Nth: c.Nth, Month: int(c.Month), Anchor: c.Anchor,
		Time: c.Time.String(), Zone: c.Zone,
	}
	for _, d := range c.Days.List() {
		out.Days = append(out.Days, d.String())
	}
	return out
}

// readRecords reads the lists that grow, from a mark on. A mark is the kind of a record and which
// of them it is.
func (c *copier) readRecords(ctx context.Context, after string) error {
	kind, mark, _ := strings.Cut(after, ".")
	found := after == ""
	for _, list := range []struct {
		kind string
		read func(ctx context.Context, after string) error
	}{{"replies", c.readReplies}, {"promises", c.readPromises}, {"letters", c.readLetters}} {
		if found = found || list.kind == kind; !found {
			continue
		}
		if err := list.read(ctx, mark); err != nil {
			return err
		}
		mark = ""
	}
	if !found {
		return mend.ErrUnknownLink
	}
	return nil
}

// readReplies reads them in the order of the letters that they answer, as the table has them.
func (c *copier) readReplies(ctx context.Context, after string) error {
	from := mend.Reply{Person: c.person.ID}
	if after != "" {
		var ok bool
		if from.Of, from.Hash, ok = mend.ParseEntry(mend.Entry(after)); !ok {
			return mend.ErrUnknownLink
		}
	}
	now := c.Now()
	return c.Store.Replies(ctx, from, mend.Date{}, now, func(r mend.Reply) error {
		r, ok := store.VisibleReply(c.person, r, now)
		if !ok {
			return nil
		}
		return add(c, &c.all.Replies, "replies."+string(mend.EntryOf(r)), Reply{
			To: LetterName(r.Of), At: r.At, Date: r.Date, Question: r.Question, Words: r.Words, Answers: r.Answers,
			Mood: r.Mood, Attachments: r.Attachments, Names: r.AttachmentNames, Flag: r.Flag, Starred: r.Starred,
			Muted: r.Muted,
		})
	})
}

// readPromises reads them in the order of their ids, as the table has them.
func (c *copier) readPromises(ctx context.Context, after string) error {
	promises, err := c.Store.Promises(ctx, c.person.ID, c.Now())
	for _, p := range store.VisiblePromises(c.person, promises, c.Now()) {
		if err == nil && string(p.ID) > after {
			err = add(c, &c.all.Promises, "promises."+string(p.ID),
				Promise{p.ID, p.Words, p.Due, p.State, p.Hold.Why, p.Made, p.Closed})
		}
	}
	return err
}

// readLetters reads their records, the oldest first.
func (c *copier) readLetters(ctx context.Context, after string) error {
	id := c.person.ID
	var from mend.LetterKey
	if after != "" {
		var err error
		if _, from, err = mend.ParseLetterName(string(id) + "-" + after); err != nil {
			return mend.ErrUnknownLink
		}
	}
	return c.Store.Letters(ctx, id, from, mend.Date{}, func(l mend.Letter) error {
		_, name, _ := strings.Cut(mend.LetterName(id, l.Of), "-")
		return add(c, &c.all.Letters, "letters."+name,
			Letter{LetterName(l.Of), l.Kind, l.Outcome, l.Card, l.Question, l.Notice, l.Reminder, l.At, l.Delivered,
				l.MessageID})
	})
}

// add adds a record and its mark, unless it makes the part too large.
func add[R any](c *copier, to *[]R, mark string, record R) error {
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	if c.size += len(text); c.last != "" && c.most > 0 && c.size > c.most {
		c.all.Next = c.last
		return errFull
	}
	*to, c.last = append(*to, record), mark
	return nil
}
