package export

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strings"

	"example.org/mend/shared/account"
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

// writer writes one part in one format.
type writer interface {
	head(Head) error
	reply(Reply) error
	promise(Promise) error
	letter(Letter) error
	end(next string) error
}

// Write writes a copy of all that we hold of a person, or a part of it. It returns where the next part begins, "" after the last.
// It wants a session; an operator's command makes an Access that says so. Errors: those of [service.Service.Export]
// and [service.Service.Records], before anything is written where they are the person's fault.
func Write(ctx context.Context, svc *account.Service, a account.Access, to io.Writer, as Format, part Part) (next string, err error) {
	all, err := svc.Export(ctx, a)
	if err != nil {
		return "", err
	}
	out := &counted{w: bufio.NewWriter(to)}
	var w writer = &markdown{out: out}
	if as == JSON {
		w = &jsonFile{out: out}
	}
	if err := w.head(headOf(all, svc.Now())); err != nil {
		return "", err
	}
	last, begun := part.After, false
	for record, err := range svc.Records(ctx, all.Person, part.After) {
		if err != nil {
			return "", err
		}
		if begun && part.Most > 0 && out.n >= part.Most {
			next = last
			break
		}
		switch {
		case record.Reply != nil:
			err = w.reply(replyOf(*record.Reply))
		case record.Promise != nil:
			err = w.promise(promiseOf(*record.Promise))
		case record.Letter != nil:
			err = w.letter(letterOf(*record.Letter))
		}
		if err != nil {
			return "", err
		}
		last, begun = record.Mark, true
	}
	if err := w.end(next); err != nil {
		return "", err
	}
	return next, out.w.Flush()
}

// counted counts what is written, and keeps the first error.
type counted struct {
	w   *bufio.Writer
	n   int
	err error
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += n
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// jsonFile writes [Everything], a record at a time.
type jsonFile struct {
	out  *counted
	list int // how many of the lists are begun
	some bool
}

// lists are the lists of [Everything], in their order.
var lists = []string{"replies", "promises", "letters"}

func (j *jsonFile) head(h Head) error {
	text, err := indented(h, "")
	if err != nil {
		return err
	}
	return j.raw(strings.TrimSuffix(text, "\n}"))
}

func (j *jsonFile) reply(r Reply) error     { return j.record(1, r) }
func (j *jsonFile) promise(p Promise) error { return j.record(2, p) }
func (j *jsonFile) letter(l Letter) error   { return j.record(3, l) }

func (j *jsonFile) record(list int, record any) error {
	if err := j.upTo(list); err != nil {
		return err
	}
	text, err := indented(record, "    ")
	if err != nil {
		return err
	}
	if j.some {
		text = ",\n    " + text
	} else {
		text = "\n    " + text
	}
	j.some = true
	return j.raw(text)
}

// upTo ends the lists before one and begins that one.
func (j *jsonFile) upTo(list int) error {
	for j.list < list {
		if err := j.close(); err != nil {
			return err
		}
		if err := j.raw(",\n  \"" + lists[j.list] + "\": ["); err != nil {
			return err
		}
		j.list, j.some = j.list+1, false
	}
	return nil
}

func (j *jsonFile) close() error {
	switch {
	case j.list == 0:
		return nil
	case j.some:
		return j.raw("\n  ]")
	}
	return j.raw("]")
}

func (j *jsonFile) end(next string) error {
	if err := j.upTo(len(lists)); err != nil {
		return err
	}
	if err := j.close(); err != nil {
		return err
	}
	text, err := indented(next, "")
	if err != nil {
		return err
	}
	return j.raw(",\n  \"next\": " + text + "\n}\n")
}

func (j *jsonFile) raw(text string) error {
	_, err := io.WriteString(j.out, text)
	return err
}

// indented is a value as JSON, its lines after the first behind a prefix. It is a file of its own, never part of a page, so HTML's marks stand as they are.
func indented(v any, prefix string) (string, error) {
	var b strings.Builder
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	to.SetIndent(prefix, "  ")
	err := to.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}
