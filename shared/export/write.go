package export

import (
	"context"
	"encoding/json"
	"io"

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

// Write writes a copy of all that we hold of a person, or a part of it, and holds that part in memory.
// It returns where the next part begins, "" after the last. It wants a session; an operator's command
// makes an Access that says so. Nothing is written where it fails with an error of [account.Service.Export]
// or [account.Service.Records].
func Write(
	ctx context.Context, svc *account.Service, a account.Access, to io.Writer, as Format, part Part,
) (next string, err error) {
	read, err := svc.Export(ctx, a)
	if err != nil {
		return "", err
	}
	all := Everything{Head: headOf(read, svc.Now()), Replies: []Reply{}, Promises: []Promise{}, Letters: []Letter{}}
	var text markdown
	text.head(all.Head)
	last, size := "", 0
	for record, err := range svc.Records(ctx, read.Person, part.After) {
		if err != nil {
			return "", err
		}
		if last != "" && part.Most > 0 && max(size, text.out.Len()) >= part.Most {
			all.Next = last
			break
		}
		last = record.Mark
		if as == Markdown {
			text.record(record)
			continue
		}
		n, err := all.add(record)
		if err != nil {
			return "", err
		}
		size += n
	}
	if as == Markdown {
		text.end(all.Next)
		_, err = text.out.WriteTo(to)
		return all.Next, err
	}
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false) // it is never part of a page
	encoder.SetIndent("", "  ")
	return all.Next, encoder.Encode(all)
}

// add takes up a record, and returns about how many bytes it has in JSON.
func (e *Everything) add(r account.Record) (size int, err error) {
	var added any
	switch {
	case r.Reply != nil:
		e.Replies = append(e.Replies, replyOf(*r.Reply))
		added = e.Replies[len(e.Replies)-1]
	case r.Promise != nil:
		e.Promises = append(e.Promises, promiseOf(*r.Promise))
		added = e.Promises[len(e.Promises)-1]
	case r.Letter != nil:
		e.Letters = append(e.Letters, letterOf(*r.Letter))
		added = e.Letters[len(e.Letters)-1]
	}
	text, err := json.Marshal(added)
	return len(text), err
}
