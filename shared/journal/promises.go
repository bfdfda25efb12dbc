package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

const promiseAhead = 366 // days

// inReach reports a day on which a promise that is made today can be due.
func inReach(due, today mend.Date) bool {
	return !due.Before(today) && !due.After(today.AddDays(promiseAhead))
}

// readDay reads a day as someone typed it, counted from their own today. [command.ReadDate] takes
// none that is over; a promise may keep one.
func readDay(typed string, today mend.Date) (mend.Date, bool) {
	if day, err := mend.ParseDate(typed); err == nil {
		return day, true
	}
	return command.ReadDate(typed, today)
}

// MostPromiseWords is how many characters a promise may have: as many as its letter shows.
const MostPromiseWords = digest.QuoteLength

// PromiseForm is what someone typed into the form of a promise.
type PromiseForm struct {
	Words     string
	ShowWords bool   // in the e-mail
	Due       string // within the coming year
	Was       string // what the page showed of the promise to change: [Shown]; "" replaces whatever there is
}

// Shown is a hash of what the form of a promise shows of it.
func Shown(p mend.Promise) string { return change.Hash(fmt.Sprint(p.Words, p.Due, p.ShowWords)) }

// read reads the form on the person's own date. A promise keeps its day, even if that is over.
func (f PromiseForm) read(today, keeps mend.Date) (words string, due mend.Date, err error) {
	p := mend.Problems{}
	words = account.ReadWords(p, "promise", f.Words, MostPromiseWords, "What do you want to do?",
		"Please make it shorter: at most 280 characters.")
	due, clear := readDay(f.Due, today)
	if !clear || due != keeps && !inReach(due, today) {
		p["due"] = "Please choose a day within the coming year, such as " + today.AddDays(7).String() + "."
	}
	if len(p) > 0 {
		return "", due, p
	}
	return words, due, nil
}

var errNoRoom = mend.Problems{
	"due": "You have too many open promises to add another. Please answer or delete one first.",
}

// AddPromise makes a promise on the page. Made twice, it is one promise. Where a person keeps no
// words it has a day and no words. It requires a session. Errors: [mend.Problems], [*mend.Error].
func (s *Service) AddPromise(ctx context.Context, a account.Access, f PromiseForm) error {
	return s.changePromise(ctx, a, func(w store.Account) (*store.Transaction, error) {
		words, due, err := f.read(s.TodayIn(w.Person.Zone), mend.Date{})
		if err != nil {
			return nil, err
		}
		return s.promised(ctx, w, nil, mend.Promise{Words: words, Due: due, Made: s.Now(), ShowWords: f.ShowWords})
	})
}

// promised is the change that makes a promise and the letter that asks about it; none if the same
// promise is there, in the table or among those that are about to be kept. Errors: [mend.Problems]
// where there is no room for another.
func (s *Keeper) promised(
	ctx context.Context, w store.Account, kept []mend.Promise, p mend.Promise,
) (*store.Transaction, error) {
	others, err := s.Store.Promises(ctx, w.Person.ID, s.Now())
	if err != nil {
		return nil, err
	}
	p.Words = store.VisibleWords(w.Person, p.Words)
	if slices.ContainsFunc(slices.Concat(others, kept), func(o mend.Promise) bool {
		unanswered := o.State == mend.PromiseOpen || o.Hold != mend.Hold{}
		return p.Words != "" && strings.EqualFold(o.Words, p.Words) && o.Due == p.Due && unanswered
	}) {
		return nil, nil
	}
	if len(w.OneOffs) >= account.MostWaiting {
		return nil, errNoRoom
	}
	p.Person, p.ID, p.State = w.Person.ID, s.NewItemID(), mend.PromiseOpen
	c := &store.Transaction{Person: w.Person}
	// In a reply that counts only now: it came before the "no", or before a new sign-up.
	before := p.Made.Before(w.Person.SaidNo.At) || p.Made.Before(w.Person.Consent.At)
	if w.Person.NoContact && before {
		p.Hold = mend.Hold{Why: mend.ToReview}
	} else {
		c.OneOffs = s.account.AskAbout(w.Person, p, account.EveningsOf(w.OneOffs...))
	}
	c.Promises = []mend.Promise{p}
	return c, nil
}

// EditPromise changes the words or the day of a promise; with another day it is open again, and
// asked about then. It requires a session. Errors: [mend.Problems], [*mend.Error].
func (s *Service) EditPromise(ctx context.Context, a account.Access, id mend.ItemID, f PromiseForm) error {
	return s.changePromise(ctx, a, func(w store.Account) (*store.Transaction, error) {
		promise, err := s.Store.Promise(ctx, a.Person, id, s.Now())
		if err != nil {
			return nil, err
		}
		words, due, err := f.read(s.TodayIn(w.Person.Zone), promise.Due)
		if err != nil {
			return nil, err
		}
		before := promise
		before.Words = store.VisibleWords(w.Person, before.Words)
		promise.ShowWords, promise.Words = f.ShowWords, store.VisibleWords(w.Person, words)
		same := promise.Words == before.Words && promise.ShowWords == before.ShowWords && due == before.Due
		if !same && f.Was != "" && f.Was != Shown(before) {
			return nil, mend.Problems{"promise": account.ChangedElsewhere(before.Words, "by "+before.Due.String())}
		}
		if due == promise.Due {
			return &store.Transaction{Person: w.Person, Promises: []mend.Promise{promise}}, nil
		}
		return s.postponed(w, promise, due)
	})
}

// DeletePromise removes a promise and what would ask about it. The session can undo that: see
// [Service.UndoDeletion]. A promise that is gone already is as good as deleted. It requires a
// session. Errors: [*mend.Error].
func (s *Service) DeletePromise(ctx context.Context, a account.Access, id mend.ItemID) error {
	return change.IgnoreGone(s.changePromise(ctx, a, func(w store.Account) (*store.Transaction, error) {
		promise, err := s.Store.Promise(ctx, a.Person, id, s.Now())
		if err != nil {
			return nil, err
		}
		return &store.Transaction{
			Person: w.Person, Forget: []mend.ItemID{id}, Cancel: account.LettersAsking(w, id), Undo: s.undoBy(a),
			Deleted: &store.Deleted{
				Promise: &promise, At: s.Now(), Retention: w.Person.Retention, NoContact: w.Person.NoContact,
			},
		}, nil
	}))
}

// changePromise makes a change that a signed-in person asks for on a page about promises. The
// person doesn't count as silent then.
func (s *Service) changePromise(ctx context.Context, a account.Access, decide change.Decision) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	_, err := s.Change(ctx, a.Person, func(w store.Account) (*store.Transaction, error) {
		c, err := decide(w)
		if c != nil {
			c.Heard = lastActive(w, s.TodayIn(w.Person.Zone))
		}
		return c, err
	})
	return err
}

// lastActive is today, so that someone who does something on a page doesn't count as silent. It is
// zero if a reply has already said so: the next letter is to confirm that reply.
func lastActive(w store.Account, today mend.Date) mend.Date {
	if change.RepliedSince(*w.CheckIn()) {
		return mend.Date{}
	}
	return today
}

// AnswerPromise is a person's own word about a promise, from the page that its letter links to, or
// from the journal. The newest word stands. Not yet may come with a new day, as they typed it ("":
// it rests). Errors: [*mend.Error], [mend.Problems].
func (s *Service) AnswerPromise(
	ctx context.Context, a account.Access, promise mend.ItemID, answer mend.PromiseState, day string,
) error {
	a.SignedIn = a.SignedIn || a.Of.OneOff == promise // the link in its letter is enough
	return s.changePromise(ctx, a, func(w store.Account) (*store.Transaction, error) {
		read, err := s.Store.Promise(ctx, a.Person, promise, s.Now())
		if err != nil {
			return nil, err
		}
		due, clear, today := mend.Date{}, true, s.TodayIn(w.Person.Zone)
		if answer == mend.NotYet && day != "" {
			due, clear = readDay(day, today)
		}
		switch {
		case !clear:
			return nil, mend.Problems{"due": "Please enter a date like 2026-03-31, or leave it empty."}
		case !due.IsZero() && !inReach(due, today):
			return nil, mend.Problems{"due": "Please choose a day within a year from now."}
		}
		return s.answerTo(w, read, answer, due, s.Now())
	})
}

// answerTo is the change that a person's word about a promise makes. Not yet may name another day.
// Errors: [mend.Problems] for what is no answer, and where no more letters may wait.
func (s *Keeper) answerTo(
	w store.Account, p mend.Promise, answer mend.PromiseState, due mend.Date, at time.Time,
) (*store.Transaction, error) {
	switch {
	case answer == mend.NotYet && !due.IsZero():
		return s.postponed(w, p, due)
	case answer == mend.Kept || answer == mend.LetGo:
		p.Closed, p.Hold = at, mend.Hold{}
	case answer == mend.NotYet: // on hold it stays so, with a new day or without
		p.Closed = time.Time{}
	default:
		return nil, mend.Problems{"answer": "Please choose one of the three answers."}
	}
	p.State = answer
	cancel := account.LettersAsking(w, p.ID)
	return &store.Transaction{Person: w.Person, Promises: []mend.Promise{p}, Cancel: cancel}, nil
}

// postponed gives a promise a new date and asks then, not on the old one, unless it is on hold.
func (s *Keeper) postponed(w store.Account, promise mend.Promise, due mend.Date) (*store.Transaction, error) {
	// One that had an answer before someone said no waits to be looked at too. An open one was
	// looked at, or made since.
	resting := promise.Hold != mend.Hold{} || w.Person.NoContact && promise.State != mend.PromiseOpen
	if promise.Due, promise.State, promise.Closed = due, mend.PromiseOpen, (time.Time{}); resting {
		promise.Hold = mend.Hold{Why: mend.ToReview}
	}
	c := store.Transaction{
		Person:   w.Person,
		Promises: []mend.Promise{promise},
		Cancel:   account.LettersAsking(w, promise.ID),
	}
	if resting {
		return &c, nil
	}
	if len(w.OneOffs)-len(c.Cancel) >= account.MostWaiting {
		return nil, errNoRoom
	}
	left := slices.DeleteFunc(slices.Clone(w.OneOffs), func(o mend.OneOff) bool {
		return slices.Contains(c.Cancel, o.ID)
	})
	c.OneOffs = s.account.AskAbout(w.Person, promise, account.EveningsOf(left...))
	return &c, nil
}

// Promise reads a promise for a signed-in person, or for the holder of its letter's link. Errors:
// [*mend.Error].
func (s *Service) Promise(ctx context.Context, a account.Access, id mend.ItemID) (mend.Promise, error) {
	if !a.SignedIn && a.Of.OneOff != id {
		return mend.Promise{}, mend.ErrSignIn
	}
	p, err := s.Store.Person(ctx, a.Person, s.Now())
	if err != nil {
		return mend.Promise{}, change.GoneIfNotFound(err)
	}
	promise, err := s.Store.Promise(ctx, a.Person, id, s.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return promise, err
	}
	kept := store.VisiblePromises(p, []mend.Promise{promise}, s.Now())
	if err != nil || len(kept) == 0 {
		return promise, &mend.Error{Code: mend.Gone, Sentence: "This promise is gone. Maybe it was deleted."}
	}
	return kept[0], nil
}

// makePromise keeps a promise of a reply and the letter that asks about it. There is none without
// a day in the coming year (a notice asks for it), or without room for another. A promise has the
// beginning of long words; their line then stays among the words, whole.
func (f follower) makePromise(ctx context.Context, order command.Order) (outcome, error) {
	w, kept := *f.w, f.kept
	due, today := order.Promise.Due, kept.Reply.Date
	if order.Promise.Unclear || !inReach(due, today) {
		return outcome{notice: change.NoticeWhen, keepLine: true}, nil
	}
	w.OneOffs = slices.Concat(w.OneOffs, kept.OneOffs)
	c, err := f.promised(ctx, w, kept.Promises, mend.Promise{
		Words: digest.Cut(order.Promise.Words, MostPromiseWords), Due: due, Made: kept.Reply.At,
	})
	if _, full := errors.AsType[mend.Problems](err); full {
		return outcome{keepLine: true}, nil
	}
	if err != nil {
		return outcome{}, err
	}
	if c != nil {
		kept.Promises = append(kept.Promises, c.Promises...)
		kept.OneOffs = append(kept.OneOffs, c.OneOffs...)
	}
	return outcome{keepLine: utf8.RuneCountInString(order.Promise.Words) > MostPromiseWords}, nil
}

// answerOf is the person's word about the promise that the letter named; "not yet" may name a day.
// It does nothing if that promise is gone, or was answered in an earlier line or after this was
// written. A day on which we can't ask is left out.
func (f follower) answerOf(ctx context.Context, order command.Order) (outcome, error) {
	w, kept := *f.w, f.kept
	promise, err := f.Store.Promise(ctx, kept.Reply.Person, kept.Reply.Of.OneOff, f.Now())
	if errors.Is(err, store.ErrNotFound) {
		return outcome{keepLine: true}, nil
	}
	if err != nil {
		return outcome{}, err
	}
	twice := slices.ContainsFunc(kept.Promises, func(p mend.Promise) bool { return p.ID == promise.ID })
	if twice || promise.Closed.After(kept.Reply.At) {
		return outcome{keepLine: true}, nil
	}
	became, until, state := outcome{}, order.Until, answers[order.Name]
	switch {
	case order.Unclear || until.After(kept.Reply.Date.AddDays(promiseAhead)):
		became, until = outcome{notice: change.NoticeWhen, keepLine: true}, mend.Date{}
	case !until.IsZero():
		// west of the date line their tomorrow can be the day of the letter
		until = mend.LatestDate(until, kept.Reply.Of.Date.AddDays(1))
	}
	w.OneOffs = slices.Concat(w.OneOffs, kept.OneOffs)
	c, err := f.answerTo(w, promise, state, until, kept.Reply.At)
	if _, full := errors.AsType[mend.Problems](err); full {
		became = outcome{keepLine: true}
		c, err = f.answerTo(w, promise, state, mend.Date{}, kept.Reply.At)
	}
	if err != nil {
		return outcome{}, err
	}
	kept.Promises = append(kept.Promises, c.Promises...)
	kept.OneOffs = append(kept.OneOffs, c.OneOffs...)
	kept.Cancel = append(kept.Cancel, c.Cancel...)
	return became, nil
}
