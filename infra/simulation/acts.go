package simulation

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

func (s *somebody) access() account.Access { return account.Access{Person: s.id, SignedIn: true} }

// act is one thing that somebody does on the pages.
func (s *somebody) act() {
	w := s.world
	if s.id == "" || w.restored { // nothing came so far
		s.join()
		return
	}
	switch status := text(w.table.Peek(store.Key{PK: "P#" + string(s.id), SK: "PERSON"}), "status"); {
	case s.silent:
		return
	case status == "suppressed" && w.rng.IntN(2) == 0: // who complained may read still
		s.signInLink()
		return
	case status != "active" && status != "stopped": // no other letter comes
		s.join()
		return
	}
	acts := []choice{
		{6, func() { s.choose(); s.change() }},
		{3, func() {
			s.form.PauseUntil = mend.DateOf(w.Now()).AddDays(1 + w.rng.IntN(10)).String()
			s.change()
		}},
		{2, func() { s.form.PauseUntil = ""; ask(s, "end the pause", w.rig.svc.Account.Resume) }},
		{3, s.stop},
		{2, s.join},
		{4, s.saveReminder},
		{1, s.dropReminder},
		{1, s.pauseReminder},
		{2, s.promise},
		{2, s.editPromise},
		{2, s.signInLink},
		{1, s.undo},
		{1, s.less},
		{1, s.skip},
		{2, s.sendNow},
		{2, s.saidNo},
		{3, s.lookOver},
		{1, s.contactAgain},
		{1, func() {
			ask(s, "take the no back", func(ctx context.Context, a account.Access) error {
				noTakenBack(w.check, s.id) // of all that they were told until now, each time they press
				return w.rig.svc.Account.TakeBackNo(ctx, a)
			})
		}},
		{2, s.retain},
		{2, s.moveAddress},
		{1, s.signOutEverywhere},
		{2, s.write},
		{2, s.itWasMe},
		{1, s.erase},
	}
	s.pick(acts)
	if w.rng.IntN(5) == 0 { // in another tab, at the same time
		s.pick(acts)
	}
}

type choice struct {
	weight int
	do     func()
}

func (s *somebody) pick(choices []choice) {
	sum := 0
	for _, c := range choices {
		sum += c.weight
	}
	x := s.world.rng.IntN(sum)
	for _, c := range choices {
		if x -= c.weight; x < 0 {
			c.do()
			return
		}
	}
}

// ask is a request of somebody who is signed in.
func ask(s *somebody, what string, use func(context.Context, account.Access) error) {
	a := s.access()
	s.do(what, func(ctx context.Context) error { return use(ctx, a) }, nil)
}

// afterAll is somebody who asked for something and changes their mind within seconds.
func (s *somebody) afterAll() {
	if s.world.rng.IntN(5) == 0 {
		s.world.after(s.world.between(0, 10*time.Second), s.stop)
	}
}

func (s *somebody) join() {
	if s.erased && s.world.rng.IntN(3) > 0 {
		return
	}
	s.erased = false
	form := s.form
	form.Email, form.PauseUntil = s.address, ""
	on := s.world.rig.svc.SignUp
	s.do("join", func(ctx context.Context) error {
		wanted, err := on.Check(form)
		if err == nil {
			err = on.Join(ctx, wanted)
		}
		return err
	}, func() { s.joins, s.erased = s.joins+1, false })
}

func (s *somebody) change() {
	form, a := s.form, s.access()
	a.SignedIn = s.world.rng.IntN(4) > 0 // some have a letter's link alone
	s.do("change settings", func(ctx context.Context) error {
		return s.world.rig.svc.Account.ChangeSettings(ctx, a, func(account.Form) account.Form { return form })
	}, nil)
}

func (s *somebody) stop() { s.stopBy("stop", s.wayOut(), url.Values{"action": {"stop"}}) }

// oneClick is what a mail program does at the press of its own button (RFC 8058).
func (s *somebody) oneClick(l *mailed) {
	link := token.Claims{
		Purpose:      token.Unsubscribe,
		Person:       l.person,
		Subscription: l.of.Subscription,
		Epoch:        l.epoch,
		Date:         l.of.Date,
	}
	s.stopBy("one-click stop", link, url.Values{"List-Unsubscribe": {"One-Click"}})
}

func (s *somebody) stopBy(what string, link token.Claims, form url.Values) {
	w, began := s.world, s.world.now
	s.press(what, "/stop/", link, form, func() {
		w.check.saidStopped(link.Person, began)
		if w.rng.IntN(3) == 0 {
			w.after(w.between(0, 70*time.Minute), s.undo)
		} else if w.rng.IntN(2) == 0 {
			w.after(w.between(time.Minute, 20*24*time.Hour), s.join)
		}
	})
}

// wayOut is the link with which every letter ends.
func (s *somebody) wayOut() token.Claims {
	return token.Claims{
		Purpose: token.Unsubscribe, Person: s.id, Subscription: mend.CheckInNumber, Epoch: s.world.epoch(s.id),
		Date: mend.DateOf(s.world.Now()),
	}
}

func (s *somebody) undo() { s.press("undo", "/stop/", s.wayOut(), url.Values{"action": {"undo"}}, nil) }

func (s *somebody) skip() {
	ask(s, "skip", func(ctx context.Context, a account.Access) error {
		return s.world.rig.svc.Account.Skip(ctx, a, mend.Date{})
	})
}

func (s *somebody) sendNow() { ask(s, "send the first now", s.world.rig.svc.Account.SendNow) }

func (s *somebody) less() {
	less := []string{"pause", "monthly"}[s.world.rng.IntN(2)]
	s.press("less", "/stop/", s.wayOut(), url.Values{"action": {less}}, nil)
}

// saidNo is somebody whom the other person told no.
func (s *somebody) saidNo() {
	if s.world.rng.IntN(2) == 0 {
		ask(s, "they said no", s.world.rig.svc.Account.SaidNo)
		return
	}
	on := s.world.rig.svc.Account
	switch s.world.rng.IntN(4) {
	case 1:
		ask(s, "the path does not fit: they said no", on.SaidNo)
	case 2:
		ask(s, "the path does not fit: slower", func(ctx context.Context, a account.Access) error {
			return on.SlowDown(ctx, a, "")
		})
	case 3:
		ask(s, "the path does not fit: stop", on.Stop)
	}
}

func (s *somebody) signOutEverywhere() {
	s.do("sign out everywhere", func(ctx context.Context) error {
		return s.world.rig.svc.SignIn.SignOutEverywhere(ctx, s.access())
	}, nil)
}

func (s *somebody) contactAgain() { ask(s, "contact again", s.world.rig.svc.Account.ContactAgain) }

// lookOver goes through what rests since they were told no.
func (s *somebody) lookOver() {
	w, id, a := s.world, s.id, s.access()
	var goOn []store.Key
	m := account.ReviewDecisions{Reminders: map[uint8]bool{}, Promises: map[mend.ItemID]bool{}}
	for _, key := range w.check.resting(id) {
		if w.rng.IntN(3) == 0 {
			continue
		}
		goesOn := w.rng.IntN(2) == 0
		if n, isReminder := strings.CutPrefix(key.SK, "SUB#"); isReminder {
			number, _ := strconv.Atoi(n)
			m.Reminders[uint8(number)] = goesOn
		} else {
			m.Promises[mend.ItemID(strings.TrimPrefix(key.SK, "PROMISE#"))] = goesOn
		}
		if goesOn {
			goOn = append(goOn, key)
			w.check.lookedOver(key)
		}
	}
	s.do("look over what rests", func(ctx context.Context) error {
		return w.rig.svc.Account.ReviewHeldItems(ctx, a, m)
	}, func() {
		for _, key := range goOn { // told no in another tab meanwhile, they looked it over after that
			if l := w.check.persons[key.PK]; l != nil && w.table.ChangedAt(key) > l.noContact {
				w.check.lookedOver(key)
			}
		}
	})
}

// retain says how long words are kept.
func (s *somebody) retain() {
	w, a := s.world, s.access()
	retention := []mend.Retention{mend.KeepForGood, mend.Keep90Days, mend.KeepNone}[w.rng.IntN(3)]
	s.do("keep words: "+string(retention), func(ctx context.Context) error {
		return w.rig.svc.Account.SetRetention(ctx, a, retention)
	}, func() { w.check.keeps(a.Person, retention) })
}

func (s *somebody) signInLink() {
	s.do("ask for a sign-in link", func(ctx context.Context) error {
		return s.world.rig.svc.SignIn.RequestSignIn(ctx, s.address)
	}, s.afterAll)
}

func (s *somebody) erase() {
	if s.world.rng.IntN(2) == 0 { // once only
		return
	}
	id, a, joins := s.id, s.access(), s.joins
	s.do("erase", func(ctx context.Context) error {
		return s.world.rig.svc.Account.Erase(ctx, a, account.EraseWord)
	}, func() {
		s.erased = s.joins == joins
		s.world.check.erased(id, s)
	})
}

// saveReminder makes a reminder of any rhythm, or changes one.
func (s *somebody) saveReminder() {
	w := s.world
	f := s.form
	f.Words, f.ShowWords = s.mark("water the plants"), w.rng.IntN(2) == 0
	f.Time = s.home.times[w.rng.IntN(len(s.home.times))]
	soon := mend.DateOf(w.Now()).AddDays(w.rng.IntN(20))
	switch w.rng.IntN(6) {
	case 0:
		f.Cadence, f.Days, f.Every = "weekly", []string{weekdays[w.rng.IntN(7)]}, fmt.Sprint(1+w.rng.IntN(4))
	case 1:
		f.Cadence = "by-weekday"
		f.Days = []string{weekdays[w.rng.IntN(7)]}
		f.Nth = []string{"1", "2", "3", "4", "last"}[w.rng.IntN(5)]
	case 2:
		f.Cadence, f.Day, f.Month = "yearly", fmt.Sprint(soon.Day), fmt.Sprint(int(soon.Month))
		if w.rng.IntN(4) == 0 {
			f.Day, f.Month = "29", "2"
		}
	case 3, 4:
		f.Cadence, f.Date = "once", soon.String()
	}
	number := uint8(0)
	if w.rng.IntN(4) == 0 {
		number = mend.FirstReminder + uint8(w.rng.IntN(3))
	}
	ask(s, "save a reminder", func(ctx context.Context, a account.Access) error {
		_, err := w.rig.svc.Account.SaveReminder(ctx, a, number, f)
		return err
	})
}

func (s *somebody) dropReminder() {
	n := mend.FirstReminder + uint8(s.world.rng.IntN(3))
	ask(s, "drop a reminder", func(ctx context.Context, a account.Access) error {
		return s.world.rig.svc.Account.DropReminder(ctx, a, n)
	})
}

func (s *somebody) pauseReminder() {
	n, paused := mend.FirstReminder+uint8(s.world.rng.IntN(3)), s.world.rng.IntN(2) == 0
	ask(s, "pause a reminder", func(ctx context.Context, a account.Access) error {
		return s.world.rig.svc.Account.PauseReminder(ctx, a, n, paused)
	})
}

// promise makes a promise on the page; its day is often today or tomorrow.
func (s *somebody) promise() {
	w := s.world
	due := mend.DateOf(w.Now()).AddDays(1 + w.rng.IntN(1+w.rng.IntN(9)))
	f := journal.PromiseForm{Words: s.mark("call them"), ShowWords: w.rng.IntN(2) == 0, Due: due.String()}
	ask(s, "promise", func(ctx context.Context, a account.Access) error {
		return w.rig.svc.Journal.AddPromise(ctx, a, f)
	})
}

// editPromise moves a promise to another day, gives it other words, or deletes it.
func (s *somebody) editPromise() {
	w, a := s.world, s.access()
	key, there := s.one("PROMISE#")
	if !there {
		s.promise()
		return
	}
	thing := mend.ItemID(strings.TrimPrefix(key.SK, "PROMISE#"))
	due := mend.DateOf(w.Now()).AddDays(1 + w.rng.IntN(9))
	f := journal.PromiseForm{Words: s.mark("call them"), ShowWords: w.rng.IntN(2) == 0, Due: due.String()}
	delete := w.rng.IntN(4) == 0
	w.check.lookedOver(key)
	s.do("edit a promise", func(ctx context.Context) error {
		if delete {
			return w.rig.svc.Journal.DeletePromise(ctx, a, thing)
		}
		return w.rig.svc.Journal.EditPromise(ctx, a, thing, f)
	}, nil)
}

// write keeps words on the page.
func (s *somebody) write() {
	w, words := s.world, s.mark("I thought of this.")
	w.check.wroteBack(&wroteBack{by: s.id, mark: markIn(words), onPage: true})
	ask(s, "write an entry", func(ctx context.Context, a account.Access) error {
		return w.rig.svc.Journal.AddEntry(ctx, a, words, w.rng.IntN(6))
	})
}

// itWasMe looks at an entry: it says that one that waits is theirs, stars or mutes it, gives it
// other words, or deletes it.
func (s *somebody) itWasMe() {
	w, a := s.world, s.access()
	key, there := s.one("REPLY#")
	if !there {
		return
	}
	part := strings.Split(key.SK, "#")
	entry := mend.Entry(strings.ReplaceAll(part[1], "-", "") + "-" + part[2] + "-" + part[3])
	r := w.check.replies[markIn(text(w.table.Peek(key), "words"))]
	words := s.mark("In other words.")
	do := w.rng.IntN(5)
	if r != nil && do == 3 { // the same entry, from now on
		w.check.reworded(r, markIn(words))
	}
	look := func(do int) {
		s.do("look at an entry", func(ctx context.Context) error {
			switch do {
			case 0:
				return w.rig.svc.Journal.StarReply(ctx, a, entry, true)
			case 1:
				return w.rig.svc.Journal.MuteReply(ctx, a, entry, true)
			case 2:
				return w.rig.svc.Journal.DeleteReply(ctx, a, entry)
			case 3:
				return w.rig.svc.Journal.EditReply(ctx, a, entry, "", words)
			}
			if r != nil {
				r.confirmed = true
			}
			return w.rig.svc.Journal.ConfirmMine(ctx, a, entry)
		}, nil)
	}
	look(do)
	if do != 3 && w.rng.IntN(2) == 0 { // two presses
		look([]int{0, 1, 2, 4}[w.rng.IntN(4)])
	}
}

// one is the key of an item of theirs, if there is any.
func (s *somebody) one(prefix string) (store.Key, bool) {
	var keys []store.Key
	for _, it := range s.world.table.Items("P#" + string(s.id)) {
		if key := it.Key(); strings.HasPrefix(key.SK, prefix) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return store.Key{}, false
	}
	return keys[s.world.rng.IntN(len(keys))], true
}

// moveAddress asks for letters to go to their other mailbox, or changes their mind about it.
func (s *somebody) moveAddress() {
	w, a := s.world, s.access()
	drop := w.rng.IntN(6) == 0
	s.do("move to another address", func(ctx context.Context) error {
		if drop {
			return w.rig.svc.SignIn.DropMove(ctx, a)
		}
		return w.rig.svc.SignIn.MoveAddress(ctx, a, s.other)
	}, nil)
}

// mark makes words that can be told from all others.
func (s *somebody) mark(words string) string {
	s.world.numbers++
	return fmt.Sprintf("%s zq.%d.q", words, s.world.numbers)
}
