package export

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

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
	c.person, c.all.Head = w.Person, headOf(w, asked, held.Refused, c.Now())
	return err
}

// readRecords reads the lists that grow, from a mark on. A mark is the kind of a record and which
// of them it is.
func (c *copier) readRecords(ctx context.Context, after string) error {
	type list struct {
		kind string
		read func(ctx context.Context, after string) error
	}
	lists := []list{{"replies", c.readReplies}, {"promises", c.readPromises}, {"letters", c.readLetters}}
	kind, mark, _ := strings.Cut(after, ".")
	first := 0
	if after != "" {
		first = slices.IndexFunc(lists, func(l list) bool { return l.kind == kind })
	}
	if first < 0 {
		return mend.ErrUnknownLink
	}
	for _, l := range lists[first:] {
		if err := l.read(ctx, mark); err != nil {
			return err
		}
		mark = ""
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
		r, ok := change.VisibleReply(c.person, r, now)
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
	for _, p := range change.VisiblePromises(c.person, promises, c.Now()) {
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
			Letter{LetterName(l.Of), l.Kind, l.Outcome, l.Card, l.Question, l.At, l.Delivered, l.MessageID})
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
