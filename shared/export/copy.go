package export

import (
	"bytes"
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

// Format is how a copy is written.
type Format string

// The formats.
const (
	JSON     Format = "json"
	Markdown Format = "md"
)

// Part is a part of a copy. The zero Part is all of it.
type Part struct {
	After string // where the part before it ended: its next; "" for the first
	Most  int    // how many bytes it has before it ends, give or take a record; 0 for no end
}

// Write writes a copy of all that we hold of a person, or a part of it, and holds that part in
// memory. It returns where the next part begins, "" after the last. It requires a session; an
// operator's command makes an Access that says so. Errors: [*mend.Error], with NotFound for a part
// that begins nowhere; then nothing is written.
func Write(
	ctx context.Context, b *change.Base, a account.Access, to io.Writer, as Format, part Part,
) (next string, err error) {
	if !a.SignedIn {
		return "", mend.ErrSignIn
	}
	c := copier{Base: b, as: as, most: part.Most,
		all: Everything{Replies: []Reply{}, Promises: []Promise{}, Letters: []Letter{}}}
	if err := c.readHead(ctx, a.Person); err != nil {
		return "", err
	}
	if err := c.readRecords(ctx, part.After); err != nil && !errors.Is(err, errFull) {
		return "", err
	}
	if as == Markdown {
		if c.all.Next != "" {
			c.write("next", c.all.Next)
		}
		_, err = c.text.WriteTo(to)
		return c.all.Next, err
	}
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false) // it is never part of a page
	encoder.SetIndent("", "  ")
	return c.all.Next, encoder.Encode(c.all)
}

// copier is a part of a copy while it is put together.
type copier struct {
	*change.Base
	person mend.Person
	as     Format
	most   int

	all     Everything
	text    bytes.Buffer // the same in Markdown, if that is asked for
	size    int          // of the records in it, about
	kind    string       // of the last record
	through string       // the last record: the next part begins after it
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
	if c.as == Markdown {
		c.write("head", c.all.Head)
	}
	return err
}

// readRecords reads what grows, from a mark on: what the person wrote, by the letters that it
// answers; their promises, by their ids; the records of letters to them, oldest first.
func (c *copier) readRecords(ctx context.Context, after string) error {
	kind, mark, _ := strings.Cut(after, ".")
	first := max(0, slices.Index(kinds, kind))
	if after != "" && kinds[first] != kind {
		return mend.ErrUnknownLink
	}
	for _, kind := range kinds[first:] {
		if err := c.read(ctx, kind, mark); err != nil {
			return err
		}
		mark = ""
	}
	return nil
}

// kinds are the kinds of records, in their order.
var kinds = []string{"replies", "promises", "letters"}

func (c *copier) read(ctx context.Context, kind, mark string) error {
	p, now := c.person, c.Now()
	switch kind {
	case "replies":
		from := mend.Reply{Person: p.ID}
		if mark != "" {
			var ok bool
			if from.Of, from.Hash, ok = mend.ParseEntry(mend.Entry(mark)); !ok {
				return mend.ErrUnknownLink
			}
		}
		return c.Store.RepliesAfter(ctx, from, now, func(r mend.Reply) error {
			r, ok := change.VisibleReply(p, r, now)
			if !ok {
				return nil
			}
			return add(c, &c.all.Replies, kind, string(mend.EntryOf(r)), replyOf(r))
		})
	case "promises":
		promises, err := c.Store.Promises(ctx, p.ID, now)
		for _, promise := range change.VisiblePromises(p, promises, now) { // by their ids, as the table has them
			if err == nil && string(promise.ID) > mark {
				err = add(c, &c.all.Promises, kind, string(promise.ID), promiseOf(promise))
			}
		}
		return err
	}
	var from mend.LetterKey
	if mark != "" {
		var err error
		if _, from, err = mend.ParseLetterName(string(p.ID) + "-" + mark); err != nil {
			return mend.ErrUnknownLink
		}
	}
	return c.Store.LettersAfter(ctx, p.ID, from, func(l mend.Letter) error {
		_, name, _ := strings.Cut(mend.LetterName(p.ID, l.Of), "-")
		return add(c, &c.all.Letters, kind, name, letterOf(l))
	})
}

// add takes up a record, unless the part has its size.
func add[R any](c *copier, to *[]R, kind, mark string, record R) error {
	if c.through != "" && c.most > 0 && c.size >= c.most {
		c.all.Next = c.through
		return errFull
	}
	*to, c.through = append(*to, record), kind+"."+mark
	if c.as == Markdown {
		if c.kind != kind {
			c.text.WriteString("\n## " + sections[kind] + "\n\n")
		}
		c.kind = kind
		c.write(kind, record)
		c.size = c.text.Len()
		return nil
	}
	text, err := json.Marshal(record)
	c.size += len(text)
	return err
}
