package account

import (
	"context"
	"errors"
	"iter"
	"strings"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Export is what we hold of a person but for what grows with the years, which is [Service.Records].
type Export struct {
	Person        mend.Person
	Subscriptions []mend.Subscription
	OneOffs       []mend.OneOff       // still to come
	Refused       int                 // replies that were counted and not kept: see [MostHeld]
	Monthly       store.Monthly       // how they want the monthly letter
	Wish          store.SignupRequest // what somebody asked for in their name, and they have not said yes to
}

// Record is one of the things of which a person has ever more: exactly one of them is there.
type Record struct {
	Mark    string // to go on after it another time
	Reply   *mend.Reply
	Promise *mend.Promise
	Letter  *mend.Letter
}

// Export reads what does not grow. It wants a session. Errors: [*mend.Error].
func (s *Service) Export(ctx context.Context, a Access) (Export, error) {
	if !a.SignedIn {
		return Export{}, mend.ErrSignIn
	}
	w, err := s.Store.Load(ctx, a.Person, s.Now())
	if err != nil {
		return Export{}, change.GoneIfNotFound(err)
	}
	wish, err := s.Store.SignupRequest(ctx, a.Person, s.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Export{}, err
	}
	held, err := s.Store.Held(ctx, a.Person)
	return Export{Person: w.Person, Subscriptions: w.Subscriptions, OneOffs: w.OneOffs, Refused: held.Refused, Monthly: w.Monthly, Wish: wish}, err
}

// The kinds of record, in the order in which they come.
const (
	replyRecords   = "replies"
	promiseRecords = "promises"
	letterRecords  = "letters"
)

// enough ends a walk that nobody wants to go on.
var enough = errors.New("enough")

// Records walks everything else that we hold of a person, one record at a time, so that however
// much it is, it is never held at once: what they wrote, by the letters that it answers; their
// promises; the record of every letter to them, oldest first. It goes on after a mark, "" for the
// first. Errors: [*mend.Error] with NotFound for a mark that is none.
func (s *Service) Records(ctx context.Context, p mend.Person, after string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if err := s.walk(ctx, p, after, func(r Record) error {
			if !yield(r, nil) {
				return enough
			}
			return nil
		}); err != nil && !errors.Is(err, enough) {
			yield(Record{}, err)
		}
	}
}

func (s *Service) walk(ctx context.Context, p mend.Person, after string, visit func(Record) error) error {
	kind, mark, _ := strings.Cut(after, ".")
	if after == "" {
		kind = replyRecords
	}
	switch kind {
	case replyRecords:
		from := mend.Reply{Person: p.ID}
		if after != "" {
			var ok bool
			if from.Of, from.Hash, ok = mend.ParseEntry(mend.Entry(mark)); !ok {
				return mend.ErrUnknownLink
			}
		}
		err := s.Store.RepliesAfter(ctx, from, s.Now(), func(r mend.Reply) error {
			r, ok := change.VisibleReply(p, r, s.Now())
			if !ok {
				return nil
			}
			return visit(Record{Mark: replyRecords + "." + string(mend.EntryOf(r)), Reply: &r})
		})
		if err != nil {
			return err
		}
		mark = ""
		fallthrough
	case promiseRecords:
		promises, err := s.Store.Promises(ctx, p.ID, s.Now())
		if err != nil {
			return err
		}
		for _, promise := range change.VisiblePromises(p, promises, s.Now()) { // by their ids, as the table has them
			if string(promise.ID) > mark {
				if err := visit(Record{Mark: promiseRecords + "." + string(promise.ID), Promise: &promise}); err != nil {
					return err
				}
			}
		}
		mark = ""
		fallthrough
	case letterRecords:
		var from mend.LetterKey
		if mark != "" {
			var err error
			if _, from, err = mend.ParseLetterName(string(p.ID) + "-" + mark); err != nil {
				return mend.ErrUnknownLink
			}
		}
		return s.Store.LettersAfter(ctx, p.ID, from, func(l mend.Letter) error {
			_, name, _ := strings.Cut(mend.LetterName(p.ID, l.Of), "-")
			return visit(Record{Mark: letterRecords + "." + name, Letter: &l})
		})
	}
	return mend.ErrUnknownLink
}
