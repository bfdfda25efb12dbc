package simulation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// somebody is one virtual person, who joins, lives, and reacts to what arrives.
type somebody struct {
	world   *world
	address string // where their letters go
	other   string // another mailbox of theirs
	home    town
	form    account.Form
	id      mend.ID // once a letter said so
	bounces int64   // from then on; 0: never
	silent  bool    // they never write, and never change anything
	since   int     // days that they have been here when they say yes
	erased  bool    // and for good
	joins   int     // how often they asked to join, and were heard
	session string  // the cookie of their browser
	moving  *mailed // asks whether a new address is theirs, and they answer as they sign in
	raced   int64   // when they last acted while something of theirs was at work
}

// Zones with all that is hard: both hemispheres' summer time at two and at midnight, half an hour
// of it, offsets of 45 minutes, and both sides of the date line.
var hardZones = []string{
	"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati",
	"Pacific/Honolulu", "America/Santiago", "Asia/Beirut", "Africa/Cairo", "America/St_Johns", "Pacific/Auckland",
	"Pacific/Pago_Pago", "Africa/Casablanca", "America/Havana",
}

// town is the zones and hours of one world: few, so that its people share slots.
type town struct{ zones, times []string }

func (w *world) newTown() town {
	var t town
	for range 2 + w.rng.IntN(2) {
		t.zones = append(t.zones, hardZones[w.rng.IntN(len(hardZones))])
	}
	for range 2 + w.rng.IntN(3) {
		hour := w.rng.IntN(24)
		if w.rng.IntN(3) == 0 {
			hour = w.rng.IntN(4) // where clocks change
		}
		t.times = append(t.times, fmt.Sprintf("%02d:%02d", hour, 15*w.rng.IntN(4)))
	}
	return t
}

func (w *world) populate(n int) {
	home := w.newTown()
	for i := range n {
		s := &somebody{
			world:   w,
			home:    home,
			address: fmt.Sprintf("user@person%d.test", i+1),
			other:   fmt.Sprintf("other@person%d.test", i+1),
		}
		s.form = account.Form{
			Email: s.address, Path: mend.Paths[w.rng.IntN(len(mend.Paths))], Consent: true, Adult: true,
			NoContact: w.rng.IntN(12) == 0,
		}
		s.choose()
		switch w.rng.IntN(12) {
		case 0:
			s.bounces = w.started + int64(w.between(0, time.Duration(w.end-w.started)))
		case 1:
			s.silent, s.since = true, 50+w.rng.IntN(330)
		}
		w.people = append(w.people, s)
		w.after(w.between(0, 10*24*time.Hour), func() {
			s.join()
			s.live()
		})
	}
}

func (w *world) somebody(address string) *somebody {
	for _, s := range w.people {
		if s.address == address || s.other == address {
			return s
		}
	}
	return nil
}

// choose makes up a rhythm, and how much letters may show.
func (s *somebody) choose() {
	rng := s.world.rng
	f := &s.form
	f.Zone, f.Time = s.home.zones[rng.IntN(len(s.home.zones))], s.home.times[rng.IntN(len(s.home.times))]
	if rng.IntN(6) == 0 { // they travel, perhaps over the date line
		f.Zone = hardZones[rng.IntN(len(hardZones))]
	}
	f.Privacy = []string{"quotes", "no-quotes", "link-only"}[rng.IntN(3)]
	f.Digest, f.DigestDay, f.QuietMonth, f.LastYear = rng.IntN(2) == 0, "", rng.IntN(4) == 0, rng.IntN(4) == 0
	if rng.IntN(3) == 0 {
		f.DigestDay = fmt.Sprint(1 + rng.IntN(31))
	}
	f.Cadence, f.Days, f.Day = "daily", nil, ""
	switch rng.IntN(8) {
	case 0:
		f.Cadence = "weekdays"
	case 1:
		f.Cadence, f.Days = "weekly", []string{weekdays[rng.IntN(7)]}
	case 2:
		f.Cadence, f.Days = "fortnightly", []string{weekdays[rng.IntN(7)]}
	case 3:
		f.Cadence, f.Day = "monthly", fmt.Sprint(1+rng.IntN(31))
	case 4:
		f.Cadence, f.Days = "custom", []string{weekdays[rng.IntN(3)], weekdays[3+rng.IntN(4)]}
	}
}

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// live does something now and then, until faults stop.
func (s *somebody) live() {
	w := s.world
	wait := time.Duration(w.rng.ExpFloat64() * float64(4*24*time.Hour))
	w.after(wait, func() {
		if w.healed {
			return
		}
		w.after(s.untilItMatters(), s.act)
		s.live()
	})
}

// untilItMatters is no time for most; others act in the very seconds in which their
// letter is on its way.
func (s *somebody) untilItMatters() time.Duration {
	w := s.world
	if w.rng.IntN(2) == 0 {
		return 0
	}
	at, err := mend.ParseTimeOfDay(s.form.Time)
	if err != nil {
		panic(err)
	}
	if w.rng.IntN(4) == 0 {
		at = 19 * 60 // when promises are asked about
	}
	due := w.rig.instants.at(s.form.Zone, mend.DateOf(w.Now()).AddDays(1), at)
	return due.Sub(w.Now()) + w.between(-time.Second, 65*time.Second) // a tick comes within the minute
}

// do makes one request. Somebody who saw an error page tries again, mostly.
func (s *somebody) do(what string, request func(context.Context) error, done func()) {
	s.try(what, request, done, 4)
}

func (s *somebody) try(what string, request func(context.Context) error, done func(), tries int) {
	w := s.world
	if w.healed || w.restored {
		return
	}
	w.tracef("%s: %s", s.address, what)
	w.spawn(s.address+" "+what, s, 30*time.Second, request, func(crashed bool, err error) {
		var told *mend.Error
		var problems mend.Problems
		switch {
		case !crashed && err == nil:
			if done != nil {
				done()
			}
		case errors.As(err, &told) && told.Code != mend.Busy, errors.As(err, &problems): // and they see why
		case tries > 1:
			w.after(w.between(time.Second, 5*time.Minute), func() { s.try(what, request, done, tries-1) })
		}
	})
}

// gets is a letter that arrives.
func (s *somebody) gets(l *mailed) {
	w := s.world
	if l.notice == "erased" { // from nobody
		return
	}
	if s.id != l.person {
		s.id, s.erased = l.person, false
	}
	if w.healed {
		return
	}
	soon := func(react func(*mailed)) { w.after(w.between(time.Minute, 30*time.Hour), func() { react(l) }) }
	x := w.rng.IntN(20)
	switch {
	case l.kind == mend.Confirmation && l.notice == "move":
		if x < 7 && !s.silent {
			s.moving = l
			soon(func(*mailed) { s.signInLink() })
		} else if x < 14 {
			soon(s.moveYes)
		} else if x < 17 {
			soon(s.moveNo)
		}
	case l.kind == mend.Confirmation:
		if x < 17 {
			soon(s.confirm)
		} else if x == 17 {
			soon(s.notMe)
		}
	case l.notice == "address-change":
		if x < 4 {
			soon(s.keepAddress)
		}
	case l.notice == "address-changed" && l.to == s.other: // the answer to their yes was lost
		s.address, s.other = s.other, s.address
	case s.silent:
	case l.kind == mend.SignIn && x < 10:
		w.after(w.between(10*time.Second, 20*time.Minute), func() { signInMeanwhile(s, l) })
	case l.kind == mend.PromiseKind && x < 4:
		soon(s.answerOnPage)
	case answerable[l.kind] && w.rng.IntN(100) < 35:
		delay := w.between(time.Minute, 8*time.Hour)
		if w.rng.IntN(5) == 0 {
			delay = w.between(time.Hour, 6*24*time.Hour)
		}
		w.after(delay, func() { s.reply(l) })
	case l.kind == mend.CheckIn && w.rng.IntN(60) == 0:
		soon(s.oneClick)
	}
}

var answerable = map[mend.Kind]bool{
	mend.CheckIn: true, mend.Digest: true, mend.PromiseKind: true, mend.Reminder: true, mend.Welcome: true,
}
