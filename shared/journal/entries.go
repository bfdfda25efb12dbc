package journal

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Entry reads one reply of a person's. It requires a session. Errors: [*mend.Error].
func (s *Service) Entry(ctx context.Context, a account.Access, e mend.Entry) (mend.Reply, error) {
	r, err := s.entry(ctx, a, e)
	if err != nil {
		return r, err
	}
	p, err := s.Store.Person(ctx, a.Person, s.Now())
	if err != nil {
		return r, change.GoneIfNotFound(err)
	}
	r, ok := store.VisibleReply(p, r, s.Now())
	if !ok {
		return r, errNoEntry
	}
	return r, nil
}

var errNoEntry = &mend.Error{Code: mend.Gone, Sentence: "This entry is gone. Maybe it was deleted."}

// entry reads the reply that a name stands for. Errors: [*mend.Error].
func (s *Service) entry(ctx context.Context, a account.Access, e mend.Entry) (mend.Reply, error) {
	if !a.SignedIn {
		return mend.Reply{}, mend.ErrSignIn
	}
	of, hash, ok := mend.ParseEntry(e)
	if !ok {
		return mend.Reply{}, mend.ErrUnknownLink
	}
	r, err := s.Store.Reply(ctx, mend.Reply{Person: a.Person, Of: of, Hash: hash}, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return r, errNoEntry
	}
	return r, err
}

// StarReply marks an entry as one to come back to: the monthly letter quotes those first. It
// requires a session. Errors: [*mend.Error].
func (s *Service) StarReply(ctx context.Context, a account.Access, e mend.Entry, on bool) error {
	return s.mark(ctx, a, e, func(r *mend.Reply) { r.Starred = on })
}

// MuteReply marks an entry as one that no letter quotes. It requires a session. Errors:
// [*mend.Error].
func (s *Service) MuteReply(ctx context.Context, a account.Access, e mend.Entry, on bool) error {
	return s.mark(ctx, a, e, func(r *mend.Reply) { r.Muted = on })
}

func (s *Service) mark(ctx context.Context, a account.Access, e mend.Entry, set func(*mend.Reply)) error {
	return s.changeEntry(ctx, a, e, func(r mend.Reply) error {
		set(&r)
		return s.Store.MarkReply(ctx, r)
	})
}

// changeEntry makes a change of an entry that counts as the person's own.
func (s *Service) changeEntry(ctx context.Context, a account.Access, e mend.Entry, do func(mend.Reply) error) error {
	return change.Retry(func() error {
		r, err := s.entry(ctx, a, e)
		if err != nil {
			return err
		}
		if r.Flag != mend.NotFlagged {
			return &mend.Error{Code: mend.Invalid, Sentence: "Please tell us first whether this was you."}
		}
		return do(r)
	})
}

// DeleteReply deletes an entry. The session can undo that: see [Service.UndoDeletion]. An entry
// that is gone already is as good as deleted. It requires a session. Errors: [*mend.Error].
func (s *Service) DeleteReply(ctx context.Context, a account.Access, e mend.Entry) error {
	return s.deleteReply(ctx, a, e, func(mend.Reply) error { return nil })
}

// deleteReply deletes an entry that may be deleted. Errors: those of may, and [*mend.Error].
func (s *Service) deleteReply(ctx context.Context, a account.Access, e mend.Entry, may func(mend.Reply) error) error {
	return change.IgnoreGone(change.Retry(func() error {
		r, err := s.entry(ctx, a, e)
		if err != nil {
			return err
		}
		if err := may(r); err != nil {
			return err
		}
		return s.Store.DeleteReply(ctx, r, s.undoBy(a), s.Now())
	}))
}

// MostEntryWords is how many characters an entry that is written or changed on the page may have.
const MostEntryWords = 20_000

// entryWords reads words that someone typed on the page.
func entryWords(typed string) (string, error) {
	p := mend.Problems{}
	words := account.ReadWords(p, "words", typed, MostEntryWords, "Please write something first.",
		"Please split it in two: an entry can have up to 20,000 characters.")
	if len(p) > 0 {
		return "", p
	}
	return words, nil
}

var errKeepsNone = mend.Problems{
	"words": "You chose not to have your text saved, so we can’t save this. You can change that in your settings.",
}

// AddEntry keeps words that a person writes on the page, in answer to no letter. mood is 1 to 5, or
// 0. Sent twice on one day it is one entry. It requires a session. Errors: [mend.Problems],
// [*mend.Error].
func (s *Service) AddEntry(ctx context.Context, a account.Access, typed string, mood int) error {
	return s.write(ctx, a, typed, mood, func(w store.Account, r mend.Reply) error {
		if w.Person.Retention == mend.KeepNone {
			return errKeepsNone
		}
		r.Of, r.Wrote = mend.LetterKey{Date: r.Date, OneOff: pageEntry}, true
		_, err := s.Store.AddReply(ctx, store.ReplyKept{
			OnPage: true, Reply: r, Moods: moodsWith(w, r), Retention: w.Person.Retention,
		})
		return err
	})
}

// write calls keep with the account of a signed-in person and what they typed, as a reply of today
// to the letter of the page; again if the account changed meanwhile.
func (s *Service) write(
	ctx context.Context, a account.Access, typed string, mood int, keep func(store.Account, mend.Reply) error,
) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	words, err := entryWords(typed)
	if err != nil {
		return err
	}
	if mood < 0 || mood > 5 {
		return mend.Problems{"mood": "Please choose a number from 1 to 5, or none."}
	}
	return change.Retry(func() error {
		w, err := s.Store.Load(ctx, a.Person, s.Now())
		if err != nil {
			return change.GoneIfNotFound(err)
		}
		return keep(w, mend.Reply{
			Person: a.Person, Of: a.Of, Hash: change.Hash(words), At: s.Now(), Date: s.TodayIn(w.Person.Zone),
			Words: words, Mood: mood,
		})
	})
}

// LetterPage is a check-in as its page shows it: the card and the question. A link is enough where
// privacy puts cards into e-mails; else it requires a session. Errors: [*mend.Error].
func (s *Service) LetterPage(ctx context.Context, a account.Access) (letter.CheckIn, error) {
	p, err := s.Store.Person(ctx, a.Person, s.Now())
	if err != nil {
		return letter.CheckIn{}, change.GoneIfNotFound(err)
	}
	if !a.SignedIn && !p.Privacy.Rules().Cards {
		return letter.CheckIn{}, mend.ErrSignIn
	}
	l, err := s.Store.Letter(ctx, a.Person, a.Of)
	if err != nil {
		return letter.CheckIn{}, change.GoneIfNotFound(err)
	}
	if card, ok := s.Library.ByNumber(l.Card); ok {
		form := curriculum.FormOf(card, l.Question)
		return letter.CheckIn{Choice: curriculum.Choice{Form: form, Card: card, Question: l.Question}}, nil
	}
	if l.Kind != mend.CheckIn || l.Card != 0 {
		return letter.CheckIn{}, mend.ErrExpiredLink
	}
	w, err := s.Store.Load(ctx, a.Person, s.Now())
	if err != nil {
		return letter.CheckIn{}, change.GoneIfNotFound(err)
	}
	// The newest look back, without the person's words. A letter of its week that has no card asks
	// how they are.
	if sub := w.CheckIn(); sub.Began == a.Of.Date {
		if back, ok := curriculum.LastLookBack(s.Library, *sub); ok {
			return letter.CheckIn{Choice: back}, nil
		}
	}
	return letter.CheckIn{Choice: curriculum.Choice{Form: curriculum.Short}}, nil
}

// AnswerLetter keeps what a person writes into the box of a letter's page, as it keeps a proven
// reply to that letter. mood is 1 to 5, or 0. Sent twice it is one reply. It requires a session.
// Errors: [mend.Problems], [*mend.Error].
func (s *Service) AnswerLetter(ctx context.Context, a account.Access, typed string, mood int) error {
	if mood > 0 && strings.TrimSpace(typed) == "" { // the number is enough, as it is in a mail
		typed = strconv.Itoa(mood)
	}
	return s.write(ctx, a, typed, mood, func(w store.Account, r mend.Reply) error {
		if command.FindStop(r.Words) == command.StopPlain {
			var err error
			if w, err = s.account.StopAll(ctx, a.Person); err != nil {
				return err
			}
		}
		_, err := s.Keep(ctx, w, r)
		return err
	})
}

// pageEntry is the item id of entries that are written on the page and answer no letter. A random
// id equals it once in 2^40 times.
const pageEntry mend.ItemID = "onapages"

// EditReply gives an entry other words than those that the person was shown, of which was is the
// [Hash]. Where it has yet others by now, from another window, it stays and they are told; "" is
// whichever it has. It requires a session. Errors: [mend.Problems], [*mend.Error].
func (s *Service) EditReply(ctx context.Context, a account.Access, e mend.Entry, was, typed string) error {
	return s.changeEntry(ctx, a, e, func(r mend.Reply) error {
		words, err := entryWords(typed)
		if err != nil {
			return err
		}
		if was != "" && was != change.Hash(r.Words) && words != r.Words {
			return mend.Problems{"words": "This entry was changed in another window. What it says now is above, and " +
				"what you typed is here. Saving again replaces it."}
		}
		p, err := s.Store.Person(ctx, a.Person, s.Now())
		if err != nil {
			return err
		}
		if p.Retention == mend.KeepNone {
			return errKeepsNone
		}
		return s.Store.EditReply(ctx, r, words, p.Retention)
	})
}

// ConfirmMine is a person's word that a flagged reply was theirs. Its mood counts from now on, its
// promises are made and its answer to a promise stands. What else it asked for (a pause, another
// rhythm) was meant for that day and stays among the words. It requires a session. Errors:
// [*mend.Error].
func (s *Service) ConfirmMine(ctx context.Context, a account.Access, e mend.Entry) error {
	return change.Retry(func() error {
		r, err := s.entry(ctx, a, e)
		if err != nil || r.Flag == mend.NotFlagged {
			return err
		}
		w, err := s.Store.Load(ctx, a.Person, s.Now())
		if err != nil {
			return change.GoneIfNotFound(err)
		}
		l, err := s.Store.Letter(ctx, r.Person, r.Of)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		r.Flag = mend.NotFlagged
		kept := store.ReplyKept{Reply: r}
		only := []command.Name{command.Mood, command.MakePromise}
		if l.Kind == mend.PromiseKind {
			only = append(only, command.Kept, command.NotYet, command.LetGo)
		}
		if err := s.follow(ctx, &w, command.Read(r.Words, r.Date, only...), &kept); err != nil {
			return err
		}
		confirmed, err := s.Store.ConfirmReply(ctx, kept)
		if err == nil && confirmed {
			s.SendAtOnce(ctx, kept.OneOffs)
		}
		return err
	})
}

// NotMine deletes a flagged reply that the person did not send. The session can undo that. It
// requires a session. Errors: [*mend.Error].
func (s *Service) NotMine(ctx context.Context, a account.Access, e mend.Entry) error {
	return s.deleteReply(ctx, a, e, func(r mend.Reply) error {
		if r.Flag == mend.NotFlagged {
			return &mend.Error{Code: mend.Invalid, Sentence: "This entry counts as yours. You can delete it."}
		}
		return nil
	})
}

// DeleteHeld deletes the replies that the person was shown and of which they have not said that
// they are theirs. One that came since then stays: it may be. It requires a session. Errors:
// [*mend.Error].
func (s *Service) DeleteHeld(ctx context.Context, a account.Access, shown []mend.Entry) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	return change.Retry(func() error { return s.Store.DeleteHeld(ctx, a.Person, shown, s.Now()) })
}
