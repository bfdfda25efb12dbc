package account

import (
	"context"
	"slices"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// Link reads a link of the given purpose from a letter without changing anything.
// Errors: [*mend.Error].
func (s *Service) Link(ctx context.Context, purpose token.Purpose, text string) (Access, error) {
	claims, w, err := s.open(ctx, purpose, text)
	done, errDone := s.answered(ctx, purpose, claims, w)
	if errDone != nil {
		return Access{}, errDone
	}
	if err != nil && done == "" {
		return Access{}, err
	}
	return Access{
		Person: claims.Person, Of: claims.Letter(), Epoch: claims.Epoch, Past: claims.Epoch != w.Person.Epoch,
		Done: done,
	}, nil
}

// answered is the answer that the letter of a link has been given, for links that end with it:
// pressed twice, they show what holds. It is "" for a letter that was not answered.
func (s *core) answered(
	ctx context.Context, purpose token.Purpose, claims token.Claims, w store.Account,
) (string, error) {
	switch purpose {
	case token.AddressChange, token.AddressCancel:
		move := w.Person.Move
		byOld := move.Answer == keepAnswer
		if w.Person.Status == mend.Active && move.ID != "" && move.ID == claims.Thing &&
			byOld == (purpose == token.AddressCancel) {
			return move.Answer, nil
		}
	case token.Confirm, token.NotMe:
		if claims.Person == "" || w.Person.ID != "" {
			return "", nil
		}
		blocked, err := s.Store.ErasedAsBlocked(ctx, claims.Person)
		if err == nil && blocked {
			return NotMeDone, nil
		}
		return "", err
	}
	return "", nil
}

// open reads a link and the account that it belongs to. It refuses a link of an earlier epoch,
// except "stop". Errors: [*mend.Error].
func (s *core) open(ctx context.Context, purpose token.Purpose, text string) (token.Claims, store.Account, error) {
	claims, err := s.Verify(purpose, text)
	if err != nil {
		return claims, store.Account{}, err
	}
	w, err := s.Store.Load(ctx, claims.Person, s.Now())
	if err == nil && claims.Epoch != w.Person.Epoch && purpose != token.Unsubscribe {
		err = mend.ErrExpiredLink
	}
	return claims, w, change.GoneIfNotFound(err)
}

// Settings is what the preferences pages show; the reminders only to a session. Errors:
// [*mend.Error].
func (s *Service) Settings(ctx context.Context, a Access) (Settings, error) {
	w, err := s.Store.Load(ctx, a.Person, s.Now())
	if err != nil {
		return Settings{}, change.GoneIfNotFound(err)
	}
	view := s.View(w)
	if view.ShowsPath = !hidesPath(a, w.Person); !view.ShowsPath {
		view.Path, view.Form.Path, view.Role, view.NoContact, view.MayTakeBack = "", "", "", false, false
	}
	if !a.SignedIn {
		return view, nil
	}
	view.Reminders, view.Address = reminders(w, s.Now()), w.Person.Address.Mail()
	if view.Moving, err = s.moveOf(ctx, w.Person); err != nil {
		return view, err
	}
	claims := token.Claims{Person: a.Person, Epoch: w.Person.Epoch, Date: mend.DateOf(s.Now().UTC())}
	for purpose, link := range map[token.Purpose]*string{
		token.Calendar: &view.Calendar, token.Preferences: &view.Preferences,
	} {
		claims.Purpose = purpose
		if *link, err = s.Sign(claims); err != nil {
			return view, err
		}
	}
	promises, err := s.Store.Promises(ctx, a.Person, s.Now())
	view.OnHold = slices.DeleteFunc(promises, func(p mend.Promise) bool { return p.Hold == mend.Hold{} })
	slices.SortStableFunc(view.OnHold, func(a, b mend.Promise) int { return a.Due.Days() - b.Due.Days() })
	return view, err
}

// change makes a change that a link is enough for.
func (s *core) change(ctx context.Context, a Access, decide change.Decision) error {
	_, err := s.Change(ctx, a.Person, decide)
	return err
}

// changeOwn makes a change that requires a session.
func (s *core) changeOwn(ctx context.Context, a Access, decide change.Decision) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	return s.change(ctx, a, decide)
}

// View is all that a link may show: no words, and no link. A page that a link opened goes on with
// that link alone, so that no link renews itself or leads to a stronger one.
func (s *core) View(w store.Account) Settings {
	now, p := s.Now(), w.Person
	view := Settings{
		Status: p.Status, Form: FormOf(w), Role: p.Role, Retention: p.Retention, NoContact: p.NoContact,
		MayUndo: mayUndo(p, now), MayTakeBack: mayTakeBack(p, now), ShowsPath: !hidesPath(Access{}, p),
	}
	checkIn := w.CheckIn()
	today := s.TodayIn(checkIn.Cadence.Zone)
	view.Path, view.Rhythm = checkIn.Path, cadence.InWords(checkIn.Cadence)
	if next := cadence.Slower(checkIn.Cadence, today); next != checkIn.Cadence {
		view.Slower = cadence.InWords(next)
	}
	view.Paused = p.Hold.Covers(today)
	view.Skips = !view.Paused && checkIn.Hold.Covers(today)
	view.Rests = view.Paused && p.Hold.Why == mend.Bouncing
	expected := *checkIn
	if p.Status == mend.Active {
		view.Next = nextLetter(expected, now)
	} else {
		expected.Cadence, expected.Hold = firstWeek(expected.Cadence, now, mend.Date{}), mend.Hold{}
		expected.FirstDate = cadence.FirstDate(expected.Cadence, now)
	}
	view.Upcoming = upcoming(expected, now)
	return view
}

// nextLetter is the instant of the next letter of an active subscription, in its zone;
// zero if there is none.
func nextLetter(sub mend.Subscription, now time.Time) time.Time {
	date, ok := nextDate(sub, now)
	if !ok {
		return time.Time{}
	}
	return cadence.DueAt(sub.Cadence, date).In(cadence.StoredZone(sub.Cadence.Zone))
}

// upcoming lists the instants of the next three letters of an active subscription.
func upcoming(sub mend.Subscription, now time.Time) (all []time.Time) {
	for next := nextLetter(sub, now); !next.IsZero() && len(all) < 3; next = nextLetter(sub, next) {
		all = append(all, next)
	}
	return all
}

// nextDate is the local date of the next letter of an active subscription; false if there is none.
func nextDate(sub mend.Subscription, now time.Time) (mend.Date, bool) {
	date, _, ok := cadence.NextAt(sub.Cadence, now)
	if from := mend.LatestDate(sub.FirstDate, sub.Hold.Until, sub.LastDate.AddDays(1)); ok && date.Before(from) {
		date, ok = cadence.Next(sub.Cadence, from)
	}
	return date, ok
}

// ChangeSettings takes a preferences form. fill returns the settings as the person wants them, from
// those that hold now and that they may see. It is called again where something else changed
// meanwhile, so that a form changes what it holds and nothing else: another form's stricter
// privacy stands. With a link alone it may change rhythm, time and zone, pause, tighten privacy,
// switch the digest off and move to the path apart; all else requires a session.
//
// Errors: [mend.Problems] for what was typed or is not allowed by a link; [*mend.Error].
func (s *Service) ChangeSettings(ctx context.Context, a Access, fill func(now Form) Form) error {
	apart := false // which is a no as well: what may reach someone is put on hold
	_, err := s.Change(ctx, a.Person, func(w store.Account) (*store.Transaction, error) {
		checkIn, digest := w.CheckIn(), w.Digest()
		now, p := FormOf(w), mend.Problems{}
		if hidesPath(a, w.Person) {
			now.Path = ""
		}
		f := fill(now)
		path, privacy := checkIn.Path, f.privacy(p)
		if f.Path != "" || !hidesPath(a, w.Person) {
			path = f.path(p)
		}
		if path != "" && path != checkIn.Path && !mend.PathFits(path, w.Person.NoContact) {
			p["path"] = errPathReaches
		}
		pausing := f.Pausing || f.PauseUntil != now.PauseUntil
		var pause mend.Date
		name := w.Person.Name
		if a.SignedIn {
			name, w.Person.Cover = f.name(p), mend.CoverOf(f.Cover)
		}
		rhythm := f.rhythm(p, s.Now())
		if pausing {
			pause = f.pause(p, s.TodayIn(rhythm.Zone))
			if !a.SignedIn && pause.Before(w.Person.Hold.Until) && p["pause_until"] == "" {
				p["pause_until"] = "This would end the pause sooner." + signInForThat
			}
		}
		if !a.SignedIn {
			linkMayNot(p, w, f, path, privacy)
		}
		day := f.digestDay(p, digest.Cadence.Day)
		if len(p) > 0 {
			return nil, p
		}
		w.Person.Name, w.Person.Privacy, w.Person.Zone = name, privacy, rhythm.Zone
		checkIn.Cadence = countedFor(*checkIn, rhythm, s.Now())
		if apart = path == mend.Apart && !w.Person.NoContact; !apart {
			checkIn.Path = path
		}
		moved := day != digest.Cadence.Day
		digest.Cadence = digestRhythm(rhythm, day)
		switch {
		case digest.Status == mend.Off && f.Digest:
			digest.FirstDate = s.firstDate(*digest)
		case moved:
			digest.FirstDate = s.movedDigest(*digest)
		}
		digest.LastYear, digest.QuietMonth = f.LastYear, f.QuietMonth
		setDigest(checkIn, digest, f.Digest, w.Person.Status)
		oneADay(&w)
		syncSubscriptions(&w)
		if pausing { // a check-in that is skipped has a hold of its own
			pauseAll(&w, mend.PauseUntil(pause))
		}
		return s.changeAll(w), nil
	})
	if err == nil && apart {
		err = s.SetNoContact(ctx, a.Person, true, mend.Apart)
	}
	return err
}

// movedDigest is the date of the first digest on its new day: one for each month,
// whatever the days were.
func (s *Service) movedDigest(digest mend.Subscription) mend.Date {
	from := mend.LatestDate(cadence.FirstDate(digest.Cadence, s.Now()), digest.FirstDate.FirstOfMonth())
	if last := digest.LastDate; !last.IsZero() {
		from = mend.LatestDate(from, last.FirstOfMonth().AddDays(last.DaysInMonth()))
	}
	first, _ := cadence.Next(digest.Cadence, from)
	return first
}

// Resume ends a pause, and takes back that a check-in is skipped. It requires a session: a link may
// pause letters and not bring them back. Errors: [*mend.Error].
func (s *Service) Resume(ctx context.Context, a Access) error {
	return s.changeOwn(ctx, a, func(w store.Account) (*store.Transaction, error) {
		return s.Paused(w, mend.Date{}), nil
	})
}

// inUse is the subscriptions of a person without the reminders that were dropped, so that a change
// of all of them stays within one transaction.
func inUse(w store.Account) []mend.Subscription {
	return slices.DeleteFunc(slices.Clone(w.Subscriptions), func(sub mend.Subscription) bool {
		return sub.Kind == mend.Reminder && sub.Status == mend.Off
	})
}

// LongestPause is how many days a pause can last: a year.
const LongestPause = 366

// pause reads the day on which letters come again.
func (f Form) pause(p mend.Problems, today mend.Date) mend.Date {
	until, err := mend.ParseDate(f.PauseUntil)
	switch {
	case f.PauseUntil == "":
		p["pause_until"] = "Please choose the day when letters start again."
	case err != nil:
		p["pause_until"] = "Please enter a date like 2026-03-31."
	case until.After(today.AddDays(LongestPause)):
		p["pause_until"] = "A pause can last up to a year. " +
			"For longer, it’s simpler to stop: you can come back any time."
	case !until.After(today):
		p["pause_until"] = "That day isn’t after today, so nothing would be paused. Please choose a later day."
	}
	return until
}

const signInForThat = " Please sign in for that: a letter’s link alone may not do it."

// linkMayNot says which of the changes require a sign-in. Where a link may not show the path, the
// answer to one that is named does not depend on the one that they are on.
func linkMayNot(p mend.Problems, w store.Account, f Form, path string, privacy mend.Privacy) {
	checkIn, digest := w.CheckIn(), w.Digest()
	named := path != checkIn.Path
	if !w.Person.Privacy.Rules().Path {
		named = f.Path != ""
	}
	if named && path != mend.Apart && f.path(mend.Problems{}) != "" {
		p["path"] = "The link in a letter can only switch you to “Apart”." + signInForThat
	}
	if privacy.Openness() > w.Person.Privacy.Openness() {
		p["privacy"] = "This would let letters show more of what you wrote." + signInForThat
	}
	if f.Digest && digest.Status == mend.Off {
		p["digest"] = "This would start the monthly letter." + signInForThat
	}
	if f.LastYear && !digest.LastYear {
		p["last_year"] = "This would let letters show more of what you wrote." + signInForThat
	}
}

// WithRhythm is the change that gives the check-in another rhythm.
func (s *core) WithRhythm(w store.Account, c mend.Cadence) *store.Transaction {
	checkIn := w.CheckIn()
	checkIn.Cadence = countedFor(*checkIn, c, s.Now())
	oneADay(&w)
	return s.changeAll(w)
}

// SetRetention says how long words are kept, those that are there too: for good, for 90 days, or
// not at all. Without words, moods, days and the days of promises stay; a reminder keeps its words.
// It requires a session, and may be done again after an interruption. Errors: [mend.Problems],
// [*mend.Error].
func (s *Service) SetRetention(ctx context.Context, a Access, retention mend.Retention) error {
	if !a.SignedIn {
		return mend.ErrSignIn
	}
	switch retention {
	case mend.KeepForGood, mend.Keep90Days, mend.KeepNone:
	default:
		return mend.Problems{"retention": "Please choose how long we keep what you write."}
	}
	if retention != mend.KeepForGood { // those words stand in backups
		if err := s.WriteJournal(ctx, a.Person, change.JournalKeep+string(retention)); err != nil {
			return err
		}
	}
	return s.KeepFor(ctx, a.Person, retention)
}

// KeepFor is SetRetention without its entry in the journal.
func (s *Service) KeepFor(ctx context.Context, id mend.ID, retention mend.Retention) error {
	_, err := s.Change(ctx, id, func(w store.Account) (*store.Transaction, error) {
		if w.Person.Retention == retention {
			return nil, nil
		}
		w.Person.Retention = retention
		return &store.Transaction{Person: w.Person}, nil
	})
	if err != nil {
		return err
	}
	return s.Store.ApplyRetention(ctx, id, retention, s.Now())
}
