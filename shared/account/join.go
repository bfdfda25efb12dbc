package account

import (
	"context"
	"errors"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
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
	countFor           = silence + 31*24*time.Hour // then the count of an address that nobody confirmed is forgotten too
)

// Join takes a sign-up form. It answers the same for an address that is new, known
// or suppressed: nil. What happens differs: a new address gets a confirmation, and so does
// one that is pending or stopped, within the limits; an active one gets a notice; a blocked one nothing.
//
// Errors: [mend.Problems] for what was typed.
func (s *SignUp) Join(ctx context.Context, f Form) error {
	wish, err := s.wish(f)
	if err != nil {
		return err
	}
	crowded, err := s.crowded(ctx, wish.address)
	if err != nil {
		return err
	}
	return change.Retry(func() error { return s.join(ctx, wish, crowded) })
}

// CheckJoin says what [SignUp.Join] would say of what was typed, and does nothing. Errors: [mend.Problems].
func (s *SignUp) CheckJoin(f Form) error {
	_, err := s.wish(f)
	return err
}

func (s *SignUp) wish(f Form) (wish, error) {
	p := mend.Problems{}
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

func (s *SignUp) join(ctx context.Context, wish wish, crowded bool) error {
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
		return s.CommitAndSend(ctx, store.Transaction{Person: *p, Mailbox: &store.MailboxChange{Mailbox: box, At: now}}, s.Notice(*p, change.NoticeSignedUp))
	case !may: // whatever confirmation is out there starts what it was sent for
		s.Log.InfoContext(ctx, "no confirmation", "known_as", p.ID, "reason", "asked before")
		return s.pretend(ctx)
	}
	box = asked(box, now)
	counted := &store.MailboxChange{Mailbox: box, At: now}
	// The link is made when the letter goes, and lives for seven days from then.
	wish.Asked, wish.Until = now, now.Add(change.PendingFor+change.Window)
	if p.Status == mend.Stopped { // and so they stay, as they are, until they say yes
		return s.CommitAndSend(ctx, store.Transaction{Person: *p, Mailbox: counted, Wish: &wish.SignupRequest}, s.Confirmation(*p))
	}
	p.Status, p.Address, p.Retention = mend.Pending, wish.address, mend.KeepForGood
	if p.ID == "" {
		if p.ID, err = s.NewID(); err != nil {
			return err
		}
		p.Created = now
	}
	p.Consent = mend.Consent{Text: ConsentText, At: now, How: "join form"}
	grant(&w, wish.SignupRequest)
	record.Person, record.Forget = p.ID, now.Add(countFor)
	return s.CommitAndSend(ctx, store.Transaction{
		Person: *p, Subscriptions: w.Subscriptions, Address: &record, Mailbox: counted, TTL: now.Add(change.PendingFor),
	}, s.Confirmation(*p))
}

// loadByAddress loads whom an address belongs to; a whole with no id where that is nobody (any
// more), for whom it reads as much.
func (s *core) loadByAddress(ctx context.Context, record store.AddressRecord) (store.Account, error) {
	return s.Store.LoadOrDecoy(ctx, record.Person, s.Now())
}

// pretend takes the steps that a letter would take, and sends none. A form that anybody can fill in
// answers everybody after as many calls of the table and of the queue, in one order, whether a
// letter came of it or not: neither what it says nor how long it took tells who gets letters.
func (s *core) pretend(ctx context.Context) error {
	thing, err := s.NewItemID()
	if err != nil {
		return err
	}
	key, err := s.Store.WriteDecoy(ctx, thing, s.Now(), s.Now().Add(change.Window))
	if err != nil {
		return err
	}
	if err := s.Enqueue(ctx, mend.NowQueue, change.Task{OneOff: &key}); err != nil { // as in sendNow, for which it stands
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
func (s *SignUp) wished(ctx context.Context, w store.Account) (store.Account, error) {
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

// ConfirmationView is what the confirmation page shows: what somebody, perhaps not the address's
// owner, chose in the form.
type Confirming struct {
	Settings  Settings
	Confirmed bool // already
}

// ConfirmationView reads a confirmation link without changing anything. Errors: [*mend.Error].
func (s *SignUp) ConfirmationView(ctx context.Context, text string) (Confirming, error) {
	claims, w, err := s.open(ctx, token.Confirm, text)
	if err != nil {
		return Confirming{}, err
	}
	if w.Person.Status != mend.Active && w.Person.PendingConfirmation != claims.Thing {
		return Confirming{}, mend.ErrExpiredLink
	}
	c := Confirming{Confirmed: w.Person.Status == mend.Active}
	if w, err = s.wished(ctx, w); err != nil {
		return Confirming{}, err
	}
	c.Settings, err = s.View(w)
	return c, err
}

// Confirm starts letters: the second yes. Confirming twice changes nothing more. Errors: [*mend.Error].
func (s *SignUp) Confirm(ctx context.Context, text string) (Confirming, error) {
	claims, _, err := s.open(ctx, token.Confirm, text)
	if err != nil {
		return Confirming{}, err
	}
	w, err := s.ChangeAndSend(ctx, claims.Person, func(w store.Account) (*store.Transaction, error) {
		p := w.Person
		if p.Status == mend.Active {
			return nil, nil
		}
		if p.PendingConfirmation != claims.Thing || p.Status == mend.Suppressed {
			return nil, mend.ErrExpiredLink
		}
		record, err := s.Store.Address(ctx, p.Address)
		if err != nil {
			return nil, err
		}
		if record.Blocked { // they said "not me" of this very letter, or of another
			return nil, mend.ErrExpiredLink
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
		p.Status, p.PendingConfirmation, p.StoppedAt, p.Hold = mend.Active, "", time.Time{}, mend.Hold{}
		p.Consent = mend.Consent{Text: ConsentText, At: s.Now(), How: "confirmation"}
		s.startAfresh(&w)
		welcome, err := s.OneOff(p, mend.Welcome)
		if err != nil {
			return nil, err
		}
		c := store.Transaction{Person: p, Address: &record, Mailbox: &store.MailboxChange{Mailbox: box, At: s.Now()}, Wish: &store.SignupRequest{}}
		w.Person = p
		if p.NoContact {
			if err := s.holdForReview(ctx, &w, &c); err != nil {
				return nil, err
			}
		} else if err := s.askAgain(ctx, p, &c); err != nil {
			return nil, err
		}
		c.Subscriptions, c.OneOffs = inUse(w), append(c.OneOffs, welcome)
		return &c, nil
	})
	if err != nil {
		return Confirming{}, err
	}
	s.Log.InfoContext(ctx, "confirmed", "person", w.Person.ID)
	settings, err := s.View(w)
	return Confirming{Settings: settings, Confirmed: true}, err
}

// startAfresh starts letters for somebody who said yes, whatever stood before they stopped: no pause, and
// the first chosen day from now opens the first week of those who get a letter every so many.
func (s *core) startAfresh(w *store.Account) {
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		if sub.Status == mend.Off {
			continue
		}
		holdUnlessOpen(sub, mend.Hold{})
		sub.Cadence = firstWeek(sub.Cadence, s.Now(), mend.Date{})
	}
	s.start(w)
}

// start makes the subscriptions active that are not switched off. Their
// first letter is the first that falls due at least five minutes from now.
func (s *core) start(w *store.Account) {
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
		digest.FirstDate = mend.LatestDate(digest.FirstDate, last.AddDays(1))
	}
	if last := digest.LastDate; !last.IsZero() {
		checkIn.FirstDate = mend.LatestDate(checkIn.FirstDate, last.AddDays(1))
	}
	checkIn.DigestFrom = digest.FirstDate
}

// firstDate is the date of a subscription's first letter. The first digest waits until there is a month
// to look back on.
func (s *core) firstDate(sub mend.Subscription) mend.Date {
	first := cadence.FirstDate(sub.Cadence, s.Now())
	zone, err := cadence.Zone(sub.Cadence.Zone)
	if sub.Kind != mend.Digest || err != nil {
		return first
	}
	nextMonth := s.Today(zone).FirstOfMonth().AddDays(31).FirstOfMonth()
	first, _ = cadence.Next(sub.Cadence, mend.LatestDate(first, nextMonth))
	return first
}

// NotMe blocks the address that a confirmation went to: whoever asked, its owner doesn't want our
// letters. It works while that confirmation is unanswered. The purpose is that of the link: NotMe,
// or Confirm on the page that has both buttons. Errors: [*mend.Error].
func (s *SignUp) NotMe(ctx context.Context, purpose token.Purpose, text string) error {
	claims, _, err := s.open(ctx, purpose, text)
	if err != nil {
		return err
	}
	return change.Retry(func() error { return s.BlockAddress(ctx, claims.Person, claims.Thing) })
}

// BlockAddress is [SignUp.NotMe] of one confirmation; a restore names none.
func (s *SignUp) BlockAddress(ctx context.Context, id mend.ID, confirmation mend.ItemID) error {
	w, err := s.Store.Load(ctx, id, s.Now())
	if err != nil {
		return change.GoneIfNotFound(err)
	}
	if w.Person.Status == mend.Active || confirmation != "" && confirmation != w.Person.PendingConfirmation {
		return mend.ErrExpiredLink
	}
	record, err := s.Store.Address(ctx, w.Person.Address)
	if err != nil {
		return err
	}
	if !record.Blocked {
		if err := s.WriteJournal(ctx, id, change.JournalBlock); err != nil {
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
