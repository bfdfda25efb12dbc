package simulation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/reply"
	"example.org/mend/shared/person"
	"example.org/mend/shared/service"
	"example.org/mend/shared/token"
)

// somebody is one virtual person, who joins, lives, and reacts to what arrives.
type somebody struct {
	world   *world
	address string
	form    service.Form
	id      person.ID // once a letter said so
	bounces int64     // from then on; 0: never
	left    int64     // when they last pressed stop
	written int       // replies
	busy    bool      // with a request that is not over
	erased  bool      // and for good
}

// Zones with all that is hard: both hemispheres' summer time at two and at midnight, half an hour of it, offsets of 45
// minutes, and both sides of the date line.
var hardZones = []string{
	"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Honolulu",
	"America/Santiago", "Asia/Beirut", "Africa/Cairo", "America/St_Johns", "Pacific/Auckland", "Pacific/Pago_Pago", "Africa/Casablanca", "America/Havana",
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
		s := &somebody{world: w, address: fmt.Sprintf("user%d@example.test", i+1)}
		s.form = service.Form{
			Email: s.address, Path: "foundations", Privacy: "no-quotes", Digest: w.rng.IntN(2) == 0, Consent: true, Adult: true,
		}
		s.choose(home)
		if w.rng.IntN(12) == 0 {
			s.bounces = w.started + int64(w.between(0, time.Duration(w.end-w.started)))
		}
		w.people = append(w.people, s)
		w.after(w.between(0, 10*24*time.Hour), func() {
			s.join()
			s.live(home)
		})
	}
}

func (w *world) somebody(address string) *somebody {
	for _, s := range w.people {
		if s.address == address {
			return s
		}
	}
	return nil
}

// choose makes up a rhythm.
func (s *somebody) choose(home town) {
	rng := s.world.rng
	f := &s.form
	f.Zone, f.Time = home.zones[rng.IntN(len(home.zones))], home.times[rng.IntN(len(home.times))]
	f.Cadence, f.Days, f.Day = "daily", nil, ""
	days := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	switch rng.IntN(8) {
	case 0:
		f.Cadence = "weekdays"
	case 1:
		f.Cadence, f.Days = "weekly", []string{days[rng.IntN(7)]}
	case 2:
		f.Cadence, f.Days = "fortnightly", []string{days[rng.IntN(7)]}
	case 3:
		f.Cadence, f.Day = "monthly", fmt.Sprint(1+rng.IntN(31))
	case 4:
		f.Cadence, f.Days = "custom", []string{days[rng.IntN(3)], days[3+rng.IntN(4)]}
	}
}

// live does something now and then, until faults stop.
func (s *somebody) live(home town) {
	w := s.world
	wait := time.Duration(w.rng.ExpFloat64() * float64(5*24*time.Hour))
	w.after(wait, func() {
		if w.healed {
			return
		}
		w.after(s.untilItMatters(), func() { s.act(home) })
		s.live(home)
	})
}

// untilItMatters is no time for most; others act in the very seconds in which their letter is on its way.
func (s *somebody) untilItMatters() time.Duration {
	w := s.world
	if w.rng.IntN(2) == 0 {
		return 0
	}
	at, err := person.ParseTimeOfDay(s.form.Time)
	if err != nil {
		panic(err)
	}
	if w.rng.IntN(4) == 0 {
		at = 19 * 60 // when promises are asked about
	}
	due := w.rig.instants.at(s.form.Zone, person.DateOf(w.Now()).AddDays(1), at)
	return due.Sub(w.Now()) + w.between(-time.Second, 65*time.Second) // a tick comes within the minute
}

// afterAll is somebody who asked for something and changes their mind within seconds.
func (s *somebody) afterAll() {
	if s.world.rng.IntN(5) == 0 {
		s.world.after(s.world.between(0, 10*time.Second), s.stop)
	}
}

func (s *somebody) access() service.Access { return service.Access{Person: s.id, SignedIn: true} }

func (s *somebody) act(home town) {
	w := s.world
	if s.id == "" || w.restored { // nothing came so far
		s.join()
		return
	}
	svc := w.rig.svc
	switch w.rng.IntN(16) {
	case 0, 1, 2, 3:
		s.choose(home)
		if w.rng.IntN(4) == 0 {
			s.form.Digest = !s.form.Digest
		}
		s.change()
	case 4, 5:
		s.form.PauseUntil = person.DateOf(w.Now()).AddDays(1 + w.rng.IntN(10)).String()
		s.change()
	case 6:
		s.form.PauseUntil = ""
		s.change()
	case 7, 8:
		s.stop()
	case 9:
		s.join()
	case 10, 11:
		f := service.ReminderForm{Words: s.mark("water the plants"), Form: s.form}
		s.do("save a reminder", func(ctx context.Context) error {
			_, err := svc.SaveReminder(ctx, s.access(), 0, f)
			return err
		}, nil)
	case 12:
		n := person.FirstReminder + uint8(w.rng.IntN(3))
		s.do("drop a reminder", func(ctx context.Context) error {
			_, err := svc.DropReminder(ctx, s.access(), n)
			return err
		}, nil)
	case 13:
		s.do("ask for a sign-in link", func(ctx context.Context) error { return svc.RequestSignIn(ctx, s.address) }, s.afterAll)
	case 14:
		if w.rng.IntN(3) == 0 {
			s.erase()
		}
	case 15:
		s.undo()
	}
}

func (s *somebody) join() {
	if s.erased && s.world.rng.IntN(3) > 0 {
		return
	}
	s.erased = false
	form := s.form
	form.PauseUntil = ""
	s.do("join", func(ctx context.Context) error { return s.world.rig.svc.Join(ctx, form) }, nil)
}

func (s *somebody) change() {
	form := s.form
	s.do("change settings", func(ctx context.Context) error {
		_, err := s.world.rig.svc.ChangeSettings(ctx, s.access(), form)
		return err
	}, nil)
}

func (s *somebody) stop() {
	s.do("stop", func(ctx context.Context) error {
		_, err := s.world.rig.svc.Stop(ctx, s.access())
		return err
	}, func() {
		w := s.world
		s.left = w.now
		if w.rng.IntN(3) == 0 {
			w.after(w.between(0, 70*time.Minute), s.undo)
		} else if w.rng.IntN(2) == 0 {
			w.after(w.between(time.Minute, 20*24*time.Hour), s.join)
		}
	})
}

func (s *somebody) undo() {
	s.do("undo", func(ctx context.Context) error {
		_, err := s.world.rig.svc.Undo(ctx, s.access())
		return err
	}, nil)
}

func (s *somebody) erase() {
	id := s.id
	s.do("erase", func(ctx context.Context) error { return s.world.rig.svc.Erase(ctx, s.access(), service.EraseWord) }, func() {
		s.erased = true
		s.world.check.erased(id, s)
	})
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
	w.spawn(s.address+" "+what, 30*time.Second, request, func(crashed bool, err error) {
		var told *service.Error
		var problems service.Problems
		switch {
		case !crashed && err == nil:
			if done != nil {
				done()
			}
		case errors.As(err, &problems) && problems["words"] == "" && problems["due"] == "":
			panic(fmt.Sprintf("%s: %s: %v", s.address, what, map[string]string(problems)))
		case problems != nil: // ten reminders are there already
		case errors.As(err, &told) && told.Code != service.Busy:
		case tries > 1:
			w.after(w.between(time.Second, 5*time.Minute), func() { s.try(what, request, done, tries-1) })
		}
	})
}

// gets is a letter that arrives.
func (s *somebody) gets(l *mailed) {
	w := s.world
	if l.kind == person.Notice && l.person != s.id { // of an erasure: from nobody
		return
	}
	if s.id != l.person {
		s.id, s.erased = l.person, false
	}
	if w.healed {
		return
	}
	switch l.kind {
	case person.Confirmation:
		switch x := w.rng.IntN(20); {
		case x < 17:
			w.after(w.between(time.Minute, 30*time.Hour), func() { s.confirm(l) })
		case x == 17:
			w.after(w.between(time.Minute, 30*time.Hour), func() { s.notMe(l) })
		}
	case person.CheckIn, person.Digest, person.PromiseKind, person.Reminder, person.Welcome:
		if w.rng.IntN(100) < 35 {
			delay := w.between(time.Minute, 8*time.Hour)
			if w.rng.IntN(5) == 0 {
				delay = w.between(time.Hour, 6*24*time.Hour)
			}
			w.after(delay, func() { s.reply(l) })
		}
	}
}

func (s *somebody) confirm(l *mailed) {
	s.do("confirm", func(ctx context.Context) error {
		text, err := s.sign(token.Confirm, l)
		if err != nil {
			return err
		}
		_, err = s.world.rig.svc.Confirm(ctx, text)
		return err
	}, s.afterAll)
}

func (s *somebody) notMe(l *mailed) {
	s.do("not me", func(ctx context.Context) error {
		text, err := s.sign(token.NotMe, l)
		if err != nil {
			return err
		}
		return s.world.rig.svc.NotMe(ctx, text)
	}, nil)
}

// sign makes the token that stands in a letter.
func (s *somebody) sign(purpose token.Purpose, l *mailed) (string, error) {
	return s.world.rig.svc.Keys.Sign(token.Claims{
		Purpose: purpose, Person: l.person, Thing: l.of.OneOff, Date: l.of.Date,
		Expires: time.Unix(0, l.at).Add(purpose.Lifetime()).UTC().Truncate(time.Second),
	})
}

// mark makes words that can be told from all others.
func (s *somebody) mark(words string) string {
	s.world.numbers++
	return fmt.Sprintf("%s zq%dq", words, s.world.numbers)
}

// reply writes back.
func (s *somebody) reply(l *mailed) {
	w := s.world
	if w.healed {
		return
	}
	to, err := w.rig.svc.Keys.ReplyAddress(token.Claims{Person: l.person, Thing: l.of.OneOff, Subscription: l.of.Subscription, Date: l.of.Date}, w.rig.svc.ReplyDomain)
	if err != nil {
		panic(err)
	}
	s.written++
	words := s.mark("A quiet day.")
	mark := words[strings.LastIndexByte(words, ' ')+1:]
	automatic := w.rng.IntN(12) == 0
	lines := []string{words}
	switch w.rng.IntN(24) {
	case 0:
		lines = append([]string{"STOP"}, lines...)
	case 1:
		lines = append([]string{"PAUSE 3 days"}, lines...)
	case 2:
		lines = append([]string{"RESUME"}, lines...)
	case 3:
		lines = append([]string{"SKIP"}, lines...)
	case 4:
		lines = append([]string{"WEEKLY"}, lines...)
	case 5:
		lines = append([]string{"DAILY"}, lines...)
	case 6, 7, 8, 9:
		lines = append([]string{"PROMISE call them " + mark + " by tomorrow"}, lines...)
	case 10:
		lines = append([]string{"4"}, lines...)
	case 11, 12:
		switch l.kind {
		case person.Reminder:
			lines = append([]string{"SNOOZE 2h"}, lines...)
		case person.PromiseKind:
			lines = append([]string{[]string{"KEPT", "NOT YET", "LET GO"}[w.rng.IntN(3)]}, lines...)
		}
	}
	var raw strings.Builder
	fmt.Fprintf(&raw, "From: <%s>\r\nTo: <%s>\r\nSubject: Re: hello\r\nMessage-ID: <%s@example.test>\r\nDate: %s\r\n", s.address, to, mark, w.Now().Format(time.RFC1123Z))
	if automatic {
		raw.WriteString("Auto-Submitted: auto-replied\r\n")
	}
	raw.WriteString("Content-Type: text/plain; charset=utf-8\r\n\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\nOn Monday, Mend wrote:\r\n> What went well?\r\n")
	dmarc := "PASS"
	if w.rng.IntN(15) == 0 {
		dmarc = "FAIL"
	}
	w.check.wroteBack(mark, l.person, automatic)
	if !automatic {
		w.counts.RepliesIn++
	}
	arrive := func() {
		w.numbers++
		key := fmt.Sprintf("raw/%d", w.numbers)
		w.blobs.kept[key] = []byte(raw.String())
		var n reply.Notification
		n.NotificationType = "Received"
		n.Receipt = events.SimpleEmailReceipt{
			Timestamp: w.Now(), Recipients: []string{to}, Action: events.SimpleEmailReceiptAction{Type: "S3", ObjectKey: key},
			SpamVerdict: events.SimpleEmailVerdict{Status: "PASS"}, VirusVerdict: events.SimpleEmailVerdict{Status: "PASS"}, DMARCVerdict: events.SimpleEmailVerdict{Status: dmarc},
		}
		text, err := json.Marshal(n)
		if err != nil {
			panic(err)
		}
		w.queues["receipt"].notify(string(text))
	}
	arrive()
	if w.rng.IntN(8) == 0 { // SES says that copies may arrive twice
		w.after(w.between(0, 10*time.Minute), arrive)
	}
}
