package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/person"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

const undoFor = time.Hour // after that only a fresh confirmation starts letters again

// Link reads a link of the given purpose from a letter without changing anything. Errors: [*Error].
func (s *Service) Link(_ context.Context, purpose token.Purpose, text string) (Access, error) {
	claims, err := s.verify(purpose, text)
	if err != nil {
		return Access{}, err
	}
	return Access{Person: claims.Person, Thing: claims.Thing}, nil
}

// Settings is what the preferences pages show; the reminders only to a session. Errors: [*Error].
func (s *Service) Settings(ctx context.Context, a Access) (Settings, error) {
	w, err := s.Store.Load(ctx, a.Person, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return Settings{}, errOldLink
	}
	if err != nil {
		return Settings{}, err
	}
	view, err := s.settings(w)
	if a.SignedIn && err == nil {
		view.Reminders, view.Moving, view.Address = reminders(w), moveOf(w), w.Person.Address.Mail()
		view.Calendar, err = s.calendarLink(w.Person.ID)
	}
	return view, err
}

// reminders are the person's own words, for a session alone.
func reminders(w store.Whole) []Reminder {
	var all []Reminder
	for _, sub := range w.Subscriptions {
		if sub.Kind == person.Reminder && sub.Status != person.Off {
			all = append(all, Reminder{Number: sub.Number, Words: sub.Words, Rhythm: cadence.InWords(sub.Cadence), Cadence: sub.Cadence})
		}
	}
	return all
}

// settings is all that a link may show: no words.
func (s *Service) settings(w store.Whole) (Settings, error) {
	now, p := s.Now(), w.Person
	view := Settings{
		Status: p.Status, Form: FormOf(p, w.Subscriptions), NoContact: p.NoContact, StoppedAt: p.StoppedAt,
		MayUndo: p.Status == person.Stopped && now.Sub(p.StoppedAt) <= undoFor,
	}
	if sub := w.Subscription(person.CheckInNumber); sub != nil {
		zone, err := cadence.Zone(sub.Cadence.Zone)
		if err != nil {
			return view, err
		}
		view.Path, view.Rhythm = sub.Path, cadence.InWords(sub.Cadence)
		view.Paused = sub.PausedUntil.After(person.DateOf(now.In(zone)))
		if p.Status == person.Active {
			view.Next = nextLetter(*sub, now).In(zone)
		}
	}
	var err error
	view.Preferences, err = s.sign(token.Claims{Purpose: token.Preferences, Person: p.ID, Date: person.DateOf(now.UTC())})
	if err != nil {
		return view, err
	}
	view.Stop, err = s.sign(token.Claims{Purpose: token.Unsubscribe, Person: p.ID, Date: person.DateOf(now.UTC())})
	return view, err
}

// nextLetter is the instant of the next letter of an active subscription; zero if there is none.
func nextLetter(sub person.Subscription, now time.Time) time.Time {
	zone, err := cadence.Zone(sub.Cadence.Zone)
	if err != nil {
		return time.Time{}
	}
	from := latest(sub.FirstDate, sub.PausedUntil, sub.LastDate.AddDays(1), person.DateOf(now.In(zone)))
	for { // today's may be past
		date, ok := cadence.Next(sub.Cadence, from)
		if !ok {
			return time.Time{}
		}
		if at := cadence.At(zone, date, sub.Cadence.Time); at.After(now) {
			return at
		}
		from = date.AddDays(1)
	}
}

func latest(dates ...person.Date) person.Date {
	return slices.MaxFunc(dates, func(a, b person.Date) int { return a.Days() - b.Days() })
}

// ChangeSettings takes a preferences form. With a link alone it may change rhythm, time and zone, pause,
// tighten privacy, switch the digest off and move to the path apart; the rest wants a session.
//
// Errors: [Problems] for what was typed or is not allowed by a link; [*Error].
func (s *Service) ChangeSettings(ctx context.Context, a Access, f Form) (Settings, error) {
	w, err := s.change(ctx, a.Person, func(w store.Whole) (*store.Change, error) {
		checkIn, digest := w.Subscription(person.CheckInNumber), w.Subscription(person.DigestNumber)
		if checkIn == nil || digest == nil {
			return nil, fmt.Errorf("person %s has no check-in or no digest", a.Person)
		}
		p := Problems{}
		path, privacy := f.path(p), f.privacy(p)
		pausedBefore := FormOf(w.Person, w.Subscriptions).PauseUntil
		name := w.Person.Name
		if a.SignedIn {
			name = f.name(p)
		}
		rhythm := f.rhythm(p, s.today)
		pause := s.pause(f, p, rhythm.Zone)
		if !a.SignedIn {
			linkMayNot(p, w, f, path, privacy)
		}
		if len(p) > 0 {
			return nil, p
		}
		w.Person.Name, w.Person.Privacy, w.Person.Zone = name, privacy, rhythm.Zone
		checkIn.Path, checkIn.Cadence = path, sameWeeks(rhythm, checkIn.Cadence)
		digest.Cadence = digestRhythm(rhythm)
		if f.Digest && digest.Status == person.Off {
			digest.FirstDate = s.firstDate(*digest)
		}
		setDigest(checkIn, digest, f.Digest, w.Person.Status)
		oneADay(&w)
		subs := inUse(w)
		for i := range subs {
			subs[i].Name, subs[i].Privacy = name, privacy
			if f.PauseUntil != pausedBefore { // a check-in that is skipped rests by itself
				subs[i].PausedUntil = pause
			}
		}
		return &store.Change{Person: w.Person, Subscriptions: subs}, nil
	})
	if err != nil {
		return Settings{}, err
	}
	s.Log.InfoContext(ctx, "settings changed", "person", a.Person, "signed_in", a.SignedIn)
	return s.settings(w)
}

// sameWeeks keeps the weeks in which letters came so far, where the new rhythm differs in other things.
func sameWeeks(c, before person.Cadence) person.Cadence {
	if c.Every > 1 && c.Every == before.Every && c.Days == before.Days {
		c.Anchor = before.Anchor
	}
	return c
}

// inUse is the subscriptions of a person but for reminders that were dropped, so that a change of all of them
// stays within one transaction.
func inUse(w store.Whole) []person.Subscription {
	return slices.DeleteFunc(slices.Clone(w.Subscriptions), func(sub person.Subscription) bool {
		return sub.Kind == person.Reminder && sub.Status == person.Off
	})
}

// longestPause is how many days a pause can last: a year.
const longestPause = 366

// pause reads the day on which letters shall come again.
func (s *Service) pause(f Form, p Problems, zoneID string) person.Date {
	if f.PauseUntil == "" {
		return person.Date{}
	}
	until, err := person.ParseDate(f.PauseUntil)
	zone, zoneErr := cadence.Zone(zoneID)
	switch {
	case err != nil:
		p["pause_until"] = "Please write a date like 2026-03-31."
	case zoneErr != nil: // said beside the zone
	case until.After(s.today(zone).AddDays(longestPause)):
		p["pause_until"] = "A pause can last a year. For longer, stopping is simpler: you can come back at any time."
	case !until.After(s.today(zone)):
		return person.Date{} // over already
	}
	return until
}

// linkMayNot says which of the wishes want a sign-in.
func linkMayNot(p Problems, w store.Whole, f Form, path string, privacy person.Privacy) {
	const first = " Please sign in for that: a letter's link alone may not do it."
	checkIn, digest := w.Subscription(person.CheckInNumber), w.Subscription(person.DigestNumber)
	if path != checkIn.Path && path != "apart" {
		p["path"] = "A letter's link can move you to “apart”, and to no other path." + first
	}
	if openness(privacy) > openness(w.Person.Privacy) {
		p["privacy"] = "This would let letters show more of your words." + first
	}
	if f.Digest && digest.Status == person.Off {
		p["digest"] = "This would start the monthly letter." + first
	}
}

// openness orders the settings of privacy by how much they show.
func openness(p person.Privacy) int {
	return slices.Index([]person.Privacy{person.LinkOnly, person.NoQuotes, person.Quotes}, p)
}

// Stop ends all letters to a person at once: the one transaction after which no claim commits. Stopping
// twice is as good as once. Errors: [*Error].
func (s *Service) Stop(ctx context.Context, a Access) (Settings, error) {
	if err := s.journal(ctx, a.Person, journalStop); err != nil {
		return Settings{}, err
	}
	w, err := s.change(ctx, a.Person, func(w store.Whole) (*store.Change, error) {
		if w.Person.Status != person.Active && len(w.OneOffs) == 0 && w.Person.Asking == "" {
			return nil, nil
		}
		if w.Person.Status == person.Active {
			return s.stopChange(w, person.Stopped), nil
		}
		return s.stopChange(w, w.Person.Status), nil // who never had a letter, or has none any more: only what is under way ends
	})
	if err != nil {
		return Settings{}, err
	}
	s.Log.InfoContext(ctx, "stopped", "person", a.Person)
	return s.settings(w)
}

// stopChange stops everything: the person, every subscription, every one-off.
func (s *Service) stopChange(w store.Whole, status person.Status) *store.Change {
	c := store.Change{Person: w.Person}
	if w.Person.Status == person.Active {
		c.Person.StoppedAt = s.Now()
	}
	c.Person.Status, c.Person.Asking = status, ""
	for _, sub := range w.Subscriptions {
		if sub.Status != person.Off {
			sub.Status = status
			c.Subscriptions = append(c.Subscriptions, sub)
		}
	}
	for _, o := range w.OneOffs {
		c.Cancel = append(c.Cancel, o.ID)
	}
	return &c
}

// Undo takes back a stop within the hour: pauses and promises stand as they stood. Errors: [*Error].
func (s *Service) Undo(ctx context.Context, a Access) (Settings, error) {
	w, err := s.change(ctx, a.Person, func(w store.Whole) (*store.Change, error) {
		if w.Person.Status == person.Active {
			return nil, nil
		}
		letters, err := s.undo(ctx, &w)
		return &store.Change{Person: w.Person, Subscriptions: inUse(w), OneOffs: letters}, err
	})
	if err != nil {
		return Settings{}, err
	}
	if err := s.journal(ctx, a.Person, journalUndo); err != nil {
		return Settings{}, err
	}
	s.Log.InfoContext(ctx, "stop undone", "person", a.Person)
	return s.settings(w)
}

// ReminderForm is what somebody typed into the form of a reminder.
type ReminderForm struct {
	Words string
	Form  // its cadence fields
}

// MostReminderWords is how many characters a reminder may have, and how many bytes its item leaves for them.
const (
	MostReminderWords = 200
	mostReminderBytes = 800
)

// SaveReminder adds a reminder (number 0) or changes one. It wants a session. Errors: [Problems], [*Error].
func (s *Service) SaveReminder(ctx context.Context, a Access, number uint8, f ReminderForm) (Settings, error) {
	if !a.SignedIn {
		return Settings{}, errSignIn
	}
	p := Problems{}
	words := reminderWords(f.Words, p)
	rhythm := f.rhythm(p, s.today)
	if len(p) > 0 {
		return Settings{}, p
	}
	_, err := s.change(ctx, a.Person, func(w store.Whole) (*store.Change, error) {
		sub := w.Subscription(number)
		if number == 0 {
			var err error
			if sub, err = s.freeReminder(&w); err != nil {
				return nil, err
			}
		} else if sub == nil || sub.Kind != person.Reminder || sub.Status == person.Off {
			return nil, errNoLink
		}
		sub.Words, sub.Cadence, sub.Status = words, sameWeeks(rhythm, sub.Cadence), w.Person.Status
		sub.FirstDate = cadence.FirstDate(sub.Cadence, s.Now())
		return &store.Change{Person: w.Person, Subscriptions: []person.Subscription{*sub}}, nil
	})
	if err != nil {
		return Settings{}, err
	}
	return s.Settings(ctx, a)
}

// freeReminder finds the number of a new reminder. One that was dropped is used again only
// days after its last letter: a number and a date name one letter.
func (s *Service) freeReminder(w *store.Whole) (*person.Subscription, error) {
	used, next := 0, person.FirstReminder
	var free *person.Subscription
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		if sub.Kind != person.Reminder {
			continue
		}
		next = max(next, sub.Number+1)
		if sub.Status != person.Off {
			used++
		} else if sub.LastDate.Before(person.DateOf(s.Now().UTC()).AddDays(-3)) {
			free = sub
		}
	}
	if used >= person.MostReminders {
		return nil, Problems{"words": "Ten reminders are the most. Perhaps one of them has done its work?"}
	}
	if free == nil {
		if next > lastReminder {
			return nil, Problems{"words": "You changed your reminders very often lately. Please come back in a few days."}
		}
		free = &person.Subscription{Person: w.Person.ID, Number: next, Kind: person.Reminder}
	}
	free.Address, free.Name, free.Privacy = w.Person.Address, w.Person.Name, w.Person.Privacy
	free.Cadence, free.PausedUntil = person.Cadence{}, person.Date{}
	return free, nil
}

// lastReminder is the highest number of a reminder: keys and tags give it two digits.
const lastReminder = 99

// DropReminder removes a reminder and its words. It wants a session. Errors: [*Error].
func (s *Service) DropReminder(ctx context.Context, a Access, number uint8) (Settings, error) {
	if !a.SignedIn {
		return Settings{}, errSignIn
	}
	_, err := s.change(ctx, a.Person, func(w store.Whole) (*store.Change, error) {
		sub := w.Subscription(number)
		if sub == nil || sub.Kind != person.Reminder {
			return nil, errNoLink
		}
		sub.Status, sub.Words = person.Off, ""
		return &store.Change{Person: w.Person, Subscriptions: []person.Subscription{*sub}}, nil
	})
	if err != nil {
		return Settings{}, err
	}
	return s.Settings(ctx, a)
}
