package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// Stop ends all letters to a person at once: the one transaction after which no claim commits. It
// ends their sessions too. Stopping twice is as good as once.
// Errors: [*mend.Error].
func (s *Service) Stop(ctx context.Context, a Access) error {
	_, err := s.StopAll(ctx, a.Person)
	return err
}

// StopLater writes a stop into the restore journal and touches nothing else: the table is being
// restored, and the restore, or package operate after it, stops them. Errors: [*mend.Error].
func (s *Service) StopLater(ctx context.Context, link string) error {
	claims, err := s.Verify(token.Unsubscribe, link)
	if err != nil {
		return err
	}
	return s.WriteJournal(ctx, claims.Person, change.JournalStop)
}

// StopAll is [Service.Stop] by a person's id. It returns the account as it is then.
func (s *Service) StopAll(ctx context.Context, id mend.ID) (store.Account, error) {
	if err := s.WriteJournal(ctx, id, change.JournalStop); err != nil {
		return store.Account{}, err
	}
	card := 0 // of the letter that came in the last day, if they stop now
	w, err := s.Change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		card = 0
		if w.Person.Status != mend.Active && len(w.OneOffs) == 0 && w.Person.PendingConfirmation == "" {
			return nil, nil
		}
		if w.Person.Status != mend.Active { // no letters come: only what is under way ends
			return s.StopChange(w, w.Person.Status), nil
		}
		if claim := w.CheckIn().Claim; claim.State == mend.ClaimOpen && s.Now().Sub(claim.At) < stopsSoon {
			card = claim.Card
		}
		return s.StopChange(w, mend.Stopped), nil
	})
	if err != nil {
		return w, err
	}
	s.CountCard(ctx, card, store.CardStop)
	s.Log.InfoContext(ctx, "stopped", "person", id)
	if err := s.Store.EndSessions(ctx, id); err != nil { // the stop stands, and they end by themselves
		s.Log.WarnContext(ctx, "end the visits", "person", id, "error", err)
	}
	return w, nil
}

// stopsSoon is how long after a letter a stop counts as one that its card may have caused.
const stopsSoon = 24 * time.Hour

// StopChange stops everything: the person, every subscription, every one-off.
func (s *core) StopChange(w store.Account, status mend.Status) *store.Transaction {
	c := store.Transaction{Person: w.Person}
	if w.Person.Status == mend.Active {
		c.Person.StoppedAt = s.Now()
	}
	c.Person.Status, c.Person.PendingConfirmation, c.Person.Move = status, "", mend.AddressMove{}
	for _, sub := range w.Subscriptions {
		if sub.Status != mend.Off {
			sub.Status = status
			c.Subscriptions = append(c.Subscriptions, sub)
		}
	}
	for _, o := range w.OneOffs {
		//mutant:drop stop: the one-offs too
		c.Cancel = append(c.Cancel, o.ID)
	}
	return &c
}

// Undo takes back a stop within the hour: pauses and promises stand as they stood.
// Errors: [*mend.Error].
func (s *Service) Undo(ctx context.Context, a Access) error {
	return s.withUndo(ctx, a, func(w store.Account, undone bool) (*store.Transaction, error) {
		if !undone {
			return nil, nil
		}
		return s.changeAll(w), nil
	})
}

// withUndo makes a change of someone who gets letters, or who stopped within the hour: then it
// makes them active again first.
func (s *Service) withUndo(
	ctx context.Context, a Access, decide func(w store.Account, undone bool) (*store.Transaction, error),
) error {
	if a.Past {
		return mend.ErrExpiredLink
	}
	undone := false
	_, err := s.Change(ctx, a.Person, func(w store.Account) (*store.Transaction, error) {
		if undone = w.Person.Status != mend.Active; undone {
			if !mayUndo(w.Person, s.Now()) {
				return nil, &mend.Error{Code: mend.Gone, Sentence: "It’s been more than an hour, so this can’t be " +
					"undone. You can sign up again any time, and what you wrote is still here."}
			}
			w.Person.Status, w.Person.StoppedAt = mend.Active, time.Time{}
			s.start(&w)
		}
		c, err := decide(w, undone)
		if err == nil && undone {
			err = s.askAboutPromises(ctx, c.Person, c)
		}
		return c, err
	})
	if err == nil && undone { // else a stop that is under way would be taken back by a restore
		err = s.WriteJournal(ctx, a.Person, change.JournalUndo)
	}
	return err
}

const undoFor = time.Hour // after that only a fresh confirmation starts letters again

func mayUndo(p mend.Person, now time.Time) bool {
	return p.Status == mend.Stopped && now.Sub(p.StoppedAt) <= undoFor
}

// Suppress ends all letters to a person and closes the address.
func (s *Service) Suppress(ctx context.Context, id mend.ID, bounced bool) error {
	what := change.JournalSuppress
	if bounced {
		what = change.JournalBounce
	}
	if err := s.WriteJournal(ctx, id, what); err != nil {
		return err
	}
	_, err := s.ChangeWithoutQueue(ctx, id, func(w store.Account) (*store.Transaction, error) {
		record, err := s.Store.Address(ctx, w.Person.Address)
		before := record
		record.Blocked, record.Bounced = record.Blocked || !bounced, record.Bounced || bounced
		if err != nil || w.Person.Status == mend.Suppressed && record == before {
			return nil, err
		}
		c := s.StopChange(w, mend.Suppressed)
		c.Address = &record
		if !bounced {
			c.Mailbox, err = s.silencedBox(ctx, w.Person.Address)
		}
		return c, err
	})
	return change.IgnoreGone(err)
}

// ErrNotBounced is an address whose mailbox never bounced for good.
var ErrNotBounced = errors.New("no letter to this address bounced for good")

// Reopen opens an address again whose mailbox bounced for good and works again. Its owner may sign
// in, and sign up again unless they complained or said "not me". Errors: [ErrNotBounced].
func (s *Service) Reopen(ctx context.Context, a mend.Address) error {
	return change.Retry(func() error {
		record, err := s.Store.Address(ctx, a)
		if err != nil {
			return err
		}
		if !record.Bounced {
			return ErrNotBounced
		}
		record.Bounced = false
		w, err := s.Store.Load(ctx, record.Person, s.Now())
		switch {
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return err
		case !w.Person.HasConfirmed(): // they never confirmed, and are forgotten
			record.Person, record.Forget = "", s.Now().Add(countFor)
			return s.Store.SaveAddress(ctx, a, record)
		case !record.Blocked:
			w.Person.Status = mend.Stopped
		}
		return s.Store.Commit(ctx, store.Transaction{Person: w.Person, Address: &record})
	})
}

// A mailbox that takes no letters for now may be full, or gone without saying so. After several
// letters in a row that came back, on several days, all letters are put on hold. After that, one
// more that comes back puts them on hold again.
const (
	mostSoftBounces = 5
	onDays          = 3
	restFor         = 14  // days
	bouncesWithin   = 400 // days; a monthly letter needs five months

	// Mail servers try for five days at most before they send a letter back. Not every letter that
	// arrives is reported.
	silenceArrives = 7 * 24 * time.Hour
)

// SoftBounce notes a letter that came back for now, and may put all letters on hold.
func (s *Service) SoftBounce(ctx context.Context, id mend.ID, of mend.LetterKey, at time.Time) error {
	if err := s.Store.Note(ctx, id, of, store.Bounced, at); err != nil {
		return err
	}
	var letters []mend.Letter
	from := mend.LetterKey{Date: of.Date.AddDays(-bouncesWithin)}
	err := s.Store.Letters(ctx, id, from, mend.Date{}, func(l mend.Letter) error {
		letters = append(letters, l)
		return nil
	})
	if err != nil || !cameBack(letters, s.Now()) {
		return err
	}
	var until mend.Date
	_, err = s.ChangeWithoutQueue(ctx, id, func(w store.Account) (*store.Transaction, error) {
		today := s.TodayIn(w.Person.Zone)
		if until = today.AddDays(restFor); w.Person.Status != mend.Active || w.Person.Hold.Covers(today) {
			until = mend.Date{}
			return nil, nil
		}
		pauseAll(&w, mend.Hold{Until: until, Why: mend.Bouncing})
		return s.changeAll(w), nil
	})
	if err != nil || until.IsZero() {
		return change.IgnoreGone(err)
	}
	s.Log.WarnContext(ctx, "letters rest: the mailbox takes none", "person", id, "until", until)
	return s.Store.RegisterRest(ctx, id, s.Now().Add(restFor*24*time.Hour))
}

// cameBack reports whether enough of a person's newest letters came back, one after the other. A
// letter that arrived ends the row, and so does a week without news of one. A letter that was
// delivered and then bounced came back: a mail server may take it before it sees that the mailbox
// is full.
func cameBack(letters []mend.Letter, now time.Time) bool {
	count, days := 0, map[mend.Date]bool{}
	for _, l := range slices.Backward(letters) {
		if !l.Bounced.IsZero() {
			count++
			days[l.Of.Date] = true
		} else if !l.Delivered.IsZero() || l.Outcome == mend.Accepted && now.Sub(l.At) > silenceArrives {
			break
		}
	}
	return count >= mostSoftBounces && len(days) >= onDays
}

// EraseWord is what a person types to erase everything.
const EraseWord = "delete"

// Erase removes everything of a person, at once and for good. It requires a session and the word.
// Errors: [mend.Problems], [*mend.Error].
func (s *Service) Erase(ctx context.Context, a Access, typed string) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	if !strings.EqualFold(strings.TrimSpace(typed), EraseWord) {
		return mend.Problems{"confirm": "To delete everything, please type the word “" + EraseWord + "”."}
	}
	if err := s.WriteJournal(ctx, a.Person, change.JournalErase); err != nil {
		return err
	}
	for _, kind := range []string{"json", "md"} {
		if err := s.Blobs.Delete(ctx, CopyKey(a.Person, kind)); err != nil {
			return fmt.Errorf("delete a copy: %w", err)
		}
	}
	return change.Retry(func() error {
		w, err := s.Store.Load(ctx, a.Person, s.Now())
		if errors.Is(err, store.ErrNotFound) { // gone already, or begun and interrupted
			return s.Store.FinishErasure(ctx, a.Person, s.Now())
		}
		if err != nil {
			return err
		}
		var notices []mend.OneOff
		if w.Person.Status != mend.Suppressed { // nothing is ever sent to them
			notice := s.Notice(w.Person, change.NoticeErased)
			notice.Person = s.NewID() // its person is gone
			notices = append(notices, notice)
		}
		if err := s.Store.Erase(ctx, w, false, s.Now(), notices...); err != nil {
			return err
		}
		s.Log.InfoContext(ctx, "erased", "person", a.Person)
		s.SendAtOnce(ctx, notices)
		return nil
	})
}

// CopyKey is where an operator's copy of everything lies that is handed over by a link: it
// goes with an erasure.
func CopyKey(id mend.ID, kind string) string { return "export/" + string(id) + "." + kind }
