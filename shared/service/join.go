package service

import (
	"context"
	"errors"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// ConsentText is the version of the words that people agree to when they join.
const ConsentText = "2026-11"

// The rules on confirmations. An address that nobody confirms is left in peace.
const (
	confirmationsApart = 24 * time.Hour            // at most one a day
	mostConfirmations  = 3                         // left alone, then
	silence            = 365 * 24 * time.Hour      // twelve months of nothing
	pendingFor         = 7 * 24 * time.Hour        // then a pending person is forgotten
	countFor           = silence + 31*24*time.Hour // then the count of an address that nobody confirmed is forgotten too
	window             = 6 * time.Hour             // a letter goes out within this of its due instant, or not at all
)

// Join takes a sign-up form. It answers the same for an address that is new, known
// or suppressed: nil. What happens differs: a new address gets a confirmation, and so does
// one that is pending or stopped, within the limits; an active one gets a notice; a blocked one nothing.
//
// Errors: [Problems] for what was typed.
func (s *Service) Join(ctx context.Context, f Form) error {
	wish, err := s.wish(f)
	if err != nil {
		return err
	}
	crowded, err := s.crowded(ctx, wish.address)
	if err != nil {
		return err
	}
	for range tries {
		err := s.join(ctx, wish, crowded)
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return errConcurrentChange
}

// CheckJoin says what [Service.Join] would say of what was typed, and does nothing. Errors: [Problems].
func (s *Service) CheckJoin(f Form) error {
	_, err := s.wish(f)
	return err
}

func (s *Service) wish(f Form) (wish, error) {
	p := Problems{}
	wish := wish{f.address(p), store.SignupRequest{
		Name: f.name(p), Path: f.path(p), Privacy: f.privacy(p), Cover: mend.CoverOf(f.Cover), Rhythm: f.rhythm(p, s.Now()),
		Digest: f.Digest, DigestDay: f.digestDay(p, 1), NoContact: f.NoContact,
	}}
	wish.NoContact = wish.NoContact || wish.Path == mend.Apart
	if wish.Path != "" && !mend.PathFits(wish.Path, wish.NoContact) {
		p["path"] = errPathReaches
	}
	if !f.Consent {
		p["consent"] = "We need your consent before we can write to you."
	}
	if !f.Adult {
		p["adult"] = "Mend is for people who are 18 or older."
	}
	if len(p) > 0 {
		return wish, p
	}
	return wish, nil
}

// wish is a valid sign-up form.
type wish struct {
	address mend.Address
	store.SignupRequest
}

func (s *Service) join(ctx context.Context, wish wish, crowded bool) error {
	now := s.Now()
	record, err := s.Store.Address(ctx, wish.address)
	if err != nil {
		return err
	}
	box, err := s.Store.Mailbox(ctx, wish.address, now)
	if err != nil {
		return err
	}
	w, err := s.loadByAddress(ctx, record)
	if err != nil {
		return err
	}
	p := &w.Person
	s.Log.InfoContext(ctx, "joined", "known_as", p.ID, "status", p.Status, "blocked", record.Blocked)
	switch may := mayAsk(box, now) && !crowded; {
	case record.Blocked || p.Status == mend.Suppressed:
		return s.pretend(ctx)
	case p.Status == mend.Active:
		if record.Muted&MuteSignedUp.bit() != 0 || !noticeLimit.allows(box.SignedUp, now) {
			return s.pretend(ctx)
		}
		box.SignedUp = box.SignedUp.With(now)
		return s.commitAndSend(ctx, store.Transaction{Person: *p, Mailbox: &store.MailboxChange{Mailbox: box, At: now}}, s.notice(*p, noticeSignedUp))
	case !may: // whatever confirmation is out there starts what it was sent for
		s.Log.InfoContext(ctx, "no confirmation", "known_as", p.ID, "reason", "asked before")
		return s.pretend(ctx)
	}
	box = asked(box, now)
	change := &store.MailboxChange{Mailbox: box, At: now}
	// The link is made when the letter goes, and lives for seven days from then.
	wish.Asked, wish.Until = now, now.Add(pendingFor+window)
	if p.Status == mend.Stopped { // and so they stay, as they are, until they say yes
		return s.commitAndSend(ctx, store.Transaction{Person: *p, Mailbox: change, Wish: &wish.SignupRequest}, s.confirmation(*p))
	}
	p.Status, p.Address, p.Retention = mend.Pending, wish.address, mend.KeepForGood
	if p.ID == "" {
		if p.ID, err = s.newID(); err != nil {
			return err
		}
		p.Created = now
	}
	p.Consent = mend.Consent{Text: ConsentText, At: now, How: "join form"}
	grant(&w, wish.SignupRequest)
	record.Person, record.Forget = p.ID, now.Add(countFor)
	return s.commitAndSend(ctx, store.Transaction{
		Person: *p, Subscriptions: w.Subscriptions, Address: &record, Mailbox: change, TTL: now.Add(pendingFor),
	}, s.confirmation(*p))
}

// loadByAddress loads whom an address belongs to; a whole with no id where that is nobody (any more), for whom it reads as much.
func (s *Service) loadByAddress(ctx context.Context, record store.AddressRecord) (store.Account, error) {
	return s.Store.LoadOrDecoy(ctx, record.Person, s.Now())
}

// pretend takes the steps that a letter would take, and sends none. A form that anybody can fill in answers everybody
// after as many calls of the table and of the queue, in one order, whether a letter came of it or not: neither what it says nor how long it
// took tells who gets letters.
func (s *Service) pretend(ctx context.Context) error {
	thing, err := s.newThing()
	if err != nil {
		return err
	}
	key, err := s.Store.WriteDecoy(ctx, thing, s.Now(), s.Now().Add(window))
	if err != nil {
		return err
	}
	if err := s.queue(ctx, NowQueue, Task{OneOff: &key}); err != nil { // as in sendNow, for which it stands
		s.Log.WarnContext(ctx, "the queue", "error", err)
	}
	return nil
}

func mayAsk(r store.Mailbox, now time.Time) bool {
	return !now.Before(r.SilentUntil) && now.Sub(r.LastAsked) >= confirmationsApart
}

// asked counts one more confirmation; after the last one comes the silence.
func asked(r store.Mailbox, now time.Time) store.Mailbox {
	if !r.SilentUntil.IsZero() { // and it is over
		r.SilentUntil, r.Confirmations = time.Time{}, 0
	}
	r.LastAsked = now
	r.Confirmations++
	if r.Confirmations == mostConfirmations {
		r.SilentUntil = now.Add(silence)
	}
	return r
}

// grant makes a person what a sign-up form asked for. Whoever filled it in need not be who wrote the words that
// are here already: letters never show more of them than they did, and a no that was told stands.
func grant(w *store.Account, wish store.SignupRequest) {
	p := &w.Person
	if p.Privacy != "" && wish.Privacy.Openness() > p.Privacy.Openness() && p.Status != mend.Pending {
		wish.Privacy = p.Privacy
	}
	p.Name, p.Zone, p.Locale, p.Privacy, p.Cover = wish.Name, wish.Rhythm.Zone, "en", wish.Privacy, wish.Cover
	p.NoContact = p.NoContact || wish.NoContact
	if w.Subscription(mend.CheckInNumber) == nil {
		w.Subscriptions = append(w.Subscriptions, mend.Subscription{Number: mend.CheckInNumber, Kind: mend.CheckIn})
	}
	if w.Subscription(mend.DigestNumber) == nil {
		w.Subscriptions = append(w.Subscriptions, mend.Subscription{Number: mend.DigestNumber, Kind: mend.Digest})
	}
	checkIn, digest := w.Subscription(mend.CheckInNumber), w.Subscription(mend.DigestNumber)
	if !mend.PathFits(wish.Path, p.NoContact) {
		wish.Path = mend.Apart
	}
	checkIn.Cadence, checkIn.Path = wish.Rhythm, wish.Path
	digest.Cadence = digestRhythm(wish.Rhythm, wish.DigestDay)
	for _, sub := range []*mend.Subscription{checkIn, digest} {
		sub.Status, sub.Role, sub.NoContact = p.Status, p.Role, p.NoContact
	}
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		sub.Person, sub.Address = p.ID, p.Address
		sub.Name, sub.Privacy, sub.Cover, sub.Epoch = p.Name, p.Privacy, p.Cover, p.Epoch
	}
	setDigest(checkIn, digest, wish.Digest, p.Status)
}

// wished is somebody as their newest confirmation would have them.
func (s *Service) wished(ctx context.Context, w store.Account) (store.Account, error) {
	if w.Person.Status != mend.Stopped {
		return w, nil
	}
	wish, err := s.Store.SignupRequest(ctx, w.Person.ID, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return w, nil
	}
	grant(&w, wish)
	return w, err
}

// digestRhythm is a day of the month at the hour of the check-ins.
func digestRhythm(c mend.Cadence, day int) mend.Cadence {
	return mend.Cadence{Kind: mend.Monthly, Day: day, Time: c.Time, Zone: c.Zone}
}

// setDigest switches the digest on or off, and tells the check-in on which day a digest may replace it.
func setDigest(checkIn, digest *mend.Subscription, on bool, status mend.Status) {
	digest.Status, checkIn.DigestDay = mend.Off, 0
	if on {
		digest.Status, checkIn.DigestDay, checkIn.DigestFrom = status, digest.Cadence.Day, digest.FirstDate
	}
}

// ConfirmationView is what the confirmation page shows: what somebody, perhaps not the address's owner, chose in the form.
type Confirming struct {
	Settings  Settings
	Confirmed bool // already
}

// ConfirmationView reads a confirmation link without changing anything. Errors: [*Error].
func (s *Service) ConfirmationView(ctx context.Context, text string) (Confirming, error) {
	claims, w, err := s.open(ctx, token.Confirm, text)
	if err != nil {
		return Confirming{}, err
	}
	if w.Person.Status != mend.Active && w.Person.PendingConfirmation != claims.Thing {
		return Confirming{}, errExpiredLink
	}
	c := Confirming{Confirmed: w.Person.Status == mend.Active}
	if w, err = s.wished(ctx, w); err != nil {
		return Confirming{}, err
	}
	c.Settings, err = s.settings(w)
	return c, err
}

// Confirm starts letters: the second yes. Confirming twice changes nothing more. Errors: [*Error].
func (s *Service) Confirm(ctx context.Context, text string) (Confirming, error) {
	claims, _, err := s.open(ctx, token.Confirm, text)
	if err != nil {
		return Confirming{}, err
	}
	var letters []mend.OneOff
	w, err := s.change(ctx, claims.Person, func(w store.Account) (*store.Transaction, error) {
		letters = nil
		p := w.Person
		if p.Status == mend.Active {
			return nil, nil
		}
		if p.PendingConfirmation != claims.Thing || p.Status == mend.Suppressed {
			return nil, errExpiredLink
		}
		record, err := s.Store.Address(ctx, p.Address)
		if err != nil {
			return nil, err
		}
		if record.Blocked { // they said "not me" of this very letter, or of another
			return nil, errExpiredLink
		}
		if w, err = s.wished(ctx, w); err != nil {
			return nil, err
		}
		p = w.Person
		box, err := s.Store.Mailbox(ctx, p.Address, s.Now())
		if err != nil {
			return nil, err
		}
		box.Confirmations, box.SilentUntil, box.LastAsked = 0, time.Time{}, time.Time{}
		record.Forget, record.Muted = time.Time{}, 0
		p.Status, p.PendingConfirmation, p.StoppedAt, p.PausedUntil = mend.Active, "", time.Time{}, mend.Date{}
		p.Consent = mend.Consent{Text: ConsentText, At: s.Now(), How: "confirmation"}
		s.startAfresh(&w)
		welcome, err := s.oneOff(p, mend.Welcome)
		if err != nil {
			return nil, err
		}
		c := store.Transaction{Person: p, Address: &record, Mailbox: &store.MailboxChange{Mailbox: box, At: s.Now()}, Wish: &store.SignupRequest{}}
		w.Person = p
		if p.NoContact {
			if err := s.rest(ctx, &w, &c); err != nil {
				return nil, err
			}
		} else if err := s.askAgain(ctx, p, &c); err != nil {
			return nil, err
		}
		letters = append(c.OneOffs, welcome)
		c.Subscriptions, c.OneOffs = inUse(w), letters
		return &c, nil
	})
	if err != nil {
		return Confirming{}, err
	}
	s.Log.InfoContext(ctx, "confirmed", "person", w.Person.ID)
	s.sendNow(ctx, letters)
	settings, err := s.settings(w)
	return Confirming{Settings: settings, Confirmed: true}, err
}

// startAfresh starts letters for somebody who said yes, whatever stood before they stopped: no pause, and
// the first chosen day from now opens the first week of those who get a letter every so many.
func (s *Service) startAfresh(w *store.Account) {
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		if sub.Status == mend.Off {
			continue
		}
		pauseUntil(sub, mend.Date{})
		sub.Cadence = firstWeek(sub.Cadence, s.Now(), mend.Date{})
	}
	s.start(w)
}

// start makes the subscriptions active that are not switched off. Their
// first letter is the first that falls due at least five minutes from now.
func (s *Service) start(w *store.Account) {
	for i := range w.Subscriptions {
		if sub := &w.Subscriptions[i]; sub.Status != mend.Off {
			sub.Status, sub.FirstDate = mend.Active, s.firstDate(*sub)
		}
	}
	oneADay(w)
}

// oneADay sees to it that check-in and digest do not both come on one date, where the settings changed on that
// very date and one of them went out before.
func oneADay(w *store.Account) {
	checkIn, digest := w.Subscription(mend.CheckInNumber), w.Subscription(mend.DigestNumber)
	if checkIn == nil || digest == nil {
		return
	}
	if last := checkIn.LastDate; !last.IsZero() {
		digest.FirstDate = latest(digest.FirstDate, last.AddDays(1))
	}
	if last := digest.LastDate; !last.IsZero() {
		checkIn.FirstDate = latest(checkIn.FirstDate, last.AddDays(1))
	}
	checkIn.DigestFrom = digest.FirstDate
}

// firstDate is the date of a subscription's first letter. The first digest waits until there is a month
// to look back on.
func (s *Service) firstDate(sub mend.Subscription) mend.Date {
	first := cadence.FirstDate(sub.Cadence, s.Now())
	zone, err := cadence.Zone(sub.Cadence.Zone)
	if sub.Kind != mend.Digest || err != nil {
		return first
	}
	nextMonth := s.today(zone).FirstOfMonth().AddDays(31).FirstOfMonth()
	first, _ = cadence.Next(sub.Cadence, latest(first, nextMonth))
	return first
}

// NotMe blocks the address that a confirmation went to: whoever asked, its owner doesn't want our letters. It works while
// that confirmation is unanswered. The purpose is that of the link: NotMe, or Confirm on the page that has both buttons.
// Errors: [*Error].
func (s *Service) NotMe(ctx context.Context, purpose token.Purpose, text string) error {
	claims, _, err := s.open(ctx, purpose, text)
	if err != nil {
		return err
	}
	for range tries {
		err := s.notMe(ctx, claims.Person, claims.Thing)
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return errConcurrentChange
}

// notMe is [Service.NotMe] of one confirmation; a restore names none.
func (s *Service) notMe(ctx context.Context, id mend.ID, confirmation mend.ItemID) error {
	w, err := s.Store.Load(ctx, id, s.Now())
	if err != nil {
		return gone(err)
	}
	if w.Person.Status == mend.Active || confirmation != "" && confirmation != w.Person.PendingConfirmation {
		return errExpiredLink
	}
	record, err := s.Store.Address(ctx, w.Person.Address)
	if err != nil {
		return err
	}
	if !record.Blocked {
		if err := s.journal(ctx, id, journalBlock); err != nil {
			return err
		}
	}
	record.Blocked = true
	if w.Person.Status != mend.Pending {
		w.Person.PendingConfirmation = ""
		_, err := s.Store.Commit(ctx, store.Transaction{Person: w.Person, Address: &record})
		return err
	}
	if err := s.Store.SaveAddress(ctx, w.Person.Address, record); err != nil {
		return err
	}
	return s.Store.Erase(ctx, w, true, s.Now())
}

// oneOff makes a letter for now.
func (s *Service) oneOff(p mend.Person, kind mend.Kind) (mend.OneOff, error) {
	thing, err := s.newThing()
	if err != nil {
		return mend.OneOff{}, err
	}
	zone, err := cadence.Zone(p.Zone)
	if err != nil {
		return mend.OneOff{}, err
	}
	now := s.Now()
	return mend.OneOff{
		Person: p.ID, ID: thing, Kind: kind, Address: p.Address, Name: p.Name, Privacy: p.Privacy, Zone: p.Zone,
		Due: now, Expires: now.Add(window), State: mend.OneOffDue, Date: mend.DateOf(now.In(zone)),
	}, nil
}

// addition adds one letter to a change.
type addition func(*store.Transaction) error

// confirmation adds a confirmation, the newest and so the only one that counts.
func (s *Service) confirmation(p mend.Person) addition {
	return func(c *store.Transaction) error {
		o, err := s.oneOff(p, mend.Confirmation)
		if err != nil {
			return err
		}
		o.Name = "" // a confirmation holds nothing that anybody typed
		c.Person.PendingConfirmation = o.ID
		c.OneOffs = append(c.OneOffs, o)
		return nil
	}
}

// mostWaiting is how many letters of promises and reminders may wait for their day: a stop cancels them all
// in one transaction, which takes a hundred writes.
const mostWaiting = 60

// notice adds a notice of the given name.
func (s *Service) notice(p mend.Person, name string) addition {
	return func(c *store.Transaction) error {
		o, err := s.oneOff(p, mend.Notice)
		o.Notice = name
		c.OneOffs = append(c.OneOffs, o)
		return err
	}
}

// commitAndSend commits a change with further letters in it, and hands those over at once.
func (s *Service) commitAndSend(ctx context.Context, c store.Transaction, letters ...addition) error {
	for _, add := range letters {
		if err := add(&c); err != nil {
			return err
		}
	}
	if _, err := s.Store.Commit(ctx, c); err != nil {
		return err
	}
	s.sendNow(ctx, c.OneOffs)
	return nil
}

// sendNow queues one-offs that somebody waits for. They are committed, so a queue that cannot be reached
// only delays them to their quarter-hour.
func (s *Service) sendNow(ctx context.Context, letters []mend.OneOff) {
	for _, o := range letters {
		if o.Due.After(s.Now()) {
			continue
		}
		work := Task{OneOff: &store.OneOffKey{Person: o.Person, ID: o.ID}}
		if err := s.queue(ctx, NowQueue, work); err != nil {
			s.Log.WarnContext(ctx, "a letter waits for its quarter-hour", "person", o.Person, "oneoff", o.ID, "error", err)
		}
	}
}

func (s *Service) today(zone *time.Location) mend.Date { return mend.DateOf(s.Now().In(zone)) }
