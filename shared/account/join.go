package account

import (
	"context"
	"errors"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// ConsentText is the version of the words that people agree to when they join.
const ConsentText = "2026-11"

// The rules on confirmations.
const (
	confirmationsApart = 24 * time.Hour            // at most one a day
	mostConfirmations  = 3                         // then the silence
	silence            = 365 * 24 * time.Hour      // twelve months of nothing
	countFor           = silence + 31*24*time.Hour // how long an unconfirmed address is counted
)

// Signup is a sign-up form that [SignUp.Check] has read.
type Signup struct {
	Address mend.Address
	store.SignupRequest
}

// Check reads a sign-up form, and does nothing. Errors: [mend.Problems] for what was typed.
func (s *SignUp) Check(f Form) (Signup, error) {
	p := mend.Problems{}
	address, err := ParseAddress(f.Email)
	if err != nil {
		p["email"] = err.Error()
	}
	wanted := Signup{address, store.SignupRequest{
		Name: f.name(p), Path: f.path(p), Privacy: f.privacy(p), Cover: mend.CoverOf(f.Cover),
		Rhythm: f.rhythm(p, s.Now()), Digest: f.Digest, DigestDay: f.digestDay(p, 1),
		NoContact: f.NoContact || f.Path == mend.Apart,
	}}
	if wanted.Path != "" && !mend.PathFits(wanted.Path, wanted.NoContact) {
		p["path"] = errPathReaches
	}
	if !f.Consent {
		p["consent"] = "We need your consent before we can write to you."
	}
	if !f.Adult {
		p["adult"] = "Mend is for people who are 18 or older."
	}
	if len(p) > 0 {
		return wanted, p
	}
	return wanted, nil
}

// Join takes a sign-up. It answers the same for an address that is new, known or suppressed: nil.
// What happens differs: a new address gets a confirmation, and so does one that is pending or
// stopped, within the limits; an active one gets a notice; a blocked one nothing.
func (s *SignUp) Join(ctx context.Context, wanted Signup) error {
	return s.askForAddress(ctx, wanted.Address, func(k known, mayAsk bool) error {
		now, p := s.Now(), &k.Person
		s.Log.InfoContext(ctx, "joined", "known_as", p.ID, "status", p.Status, "closed", k.record.IsClosed())
		switch {
		case k.record.IsClosed() || p.Status == mend.Suppressed:
			return s.sendDecoy(ctx)
		case p.Status == mend.Active &&
			(k.record.Muted&MuteSignedUp.bit() != 0 || !noticeLimit.allows(k.box.SignedUp, now)):
			return s.sendDecoy(ctx)
		case p.Status == mend.Active:
			k.box.SignedUp = k.box.SignedUp.With(now)
			c := store.Transaction{Person: *p, Mailbox: &store.MailboxChange{Mailbox: k.box, At: now}}
			c.OneOffs = []mend.OneOff{s.Notice(*p, change.NoticeSignedUp)}
			return s.CommitAndSend(ctx, c)
		case !mayAsk: // the confirmation that was sent last still works
			s.Log.InfoContext(ctx, "no confirmation", "known_as", p.ID, "reason", "asked before")
			return s.sendDecoy(ctx)
		}
		wanted.Asked = now
		if p.Status != mend.Stopped { // who stopped stays as they are until they say yes
			p.Status, p.Address, p.Retention = mend.Pending, wanted.Address, mend.KeepForGood
			if p.ID == "" {
				p.ID, p.Created = s.NewID(), now
			}
			p.Consent = mend.Consent{Text: ConsentText, At: now, How: mend.ByForm}
			applySignup(&k.Account, wanted.SignupRequest)
		}
		return s.sendConfirmation(ctx, k, wanted.SignupRequest)
	})
}

// AskAgain sends the confirmation again to an address that was signed up and never said yes, within
// the limits. It answers the same for every address: nil. Errors: [mend.Problems] for what was
// typed.
func (s *SignUp) AskAgain(ctx context.Context, typed string) error {
	address, err := readAddress(typed)
	if err != nil {
		return err
	}
	return s.askForAddress(ctx, address, func(k known, mayAsk bool) error {
		wanted, err := s.Store.SignupRequest(ctx, k.Person.ID, s.Now()) // read for everyone: see sendDecoy
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		waits := k.Person.Status == mend.Pending || k.Person.Status == mend.Stopped
		if k.record.IsClosed() || k.Person.PendingConfirmation == "" || !waits || !mayAsk {
			return s.sendDecoy(ctx)
		}
		return s.sendConfirmation(ctx, k, wanted)
	})
}

// askForAddress calls do with what we have about an address, again while it loses races. mayAsk
// says whether the limits allow one more confirmation.
func (s *SignUp) askForAddress(ctx context.Context, a mend.Address, do func(k known, mayAsk bool) error) error {
	crowded, err := s.crowded(ctx, a)
	if err != nil {
		return err
	}
	return change.Retry(func() error {
		k, err := s.lookUp(ctx, a)
		if err != nil {
			return err
		}
		return do(k, mayConfirm(k.box, s.Now()) && !crowded)
	})
}

// sendConfirmation counts and sends a confirmation, the newest and so the only one that counts. The
// link in it is made when the letter goes, and lives for seven days from then.
func (s *SignUp) sendConfirmation(ctx context.Context, k known, wanted store.SignupRequest) error {
	now := s.Now()
	counted := &store.MailboxChange{Mailbox: countConfirmation(k.box, now), At: now}
	c := store.Transaction{Person: k.Person, Mailbox: counted}
	if k.Person.Status == mend.Pending {
		k.record.Person, k.record.Forget = k.Person.ID, now.Add(countFor)
		c.Address, c.Subscriptions, c.TTL = &k.record, k.Subscriptions, now.Add(change.PendingFor)
	} else if wanted != (store.SignupRequest{}) {
		wanted.Until = now.Add(change.PendingFor + mend.SendWindow)
		c.Signup = &wanted
	}
	o := s.OneOff(k.Person, mend.Confirmation)
	o.Name = "" // a confirmation holds nothing that anyone typed
	c.Person.PendingConfirmation, c.OneOffs = o.ID, []mend.OneOff{o}
	return s.CommitAndSend(ctx, c)
}

// known is what we have about an address. Its account has no id if no one has the address.
type known struct {
	record store.AddressRecord
	box    store.Mailbox
	store.Account
}

// lookUp reads what we have about an address. It makes the same calls for every address.
func (s *core) lookUp(ctx context.Context, a mend.Address) (k known, err error) {
	if k.record, err = s.Store.Address(ctx, a); err != nil {
		return k, err
	}
	if k.box, err = s.Store.Mailbox(ctx, a, s.Now()); err != nil {
		return k, err
	}
	k.Account, err = s.Store.LoadOrDecoy(ctx, k.record.Person, s.Now())
	return k, err
}

// sendDecoy makes the calls of the table and of the queue that a letter would make, in the same
// order, and sends none. So neither the answer to a form nor its time tells who gets letters.
func (s *core) sendDecoy(ctx context.Context) error {
	page, err := s.Store.WriteDecoy(ctx, s.NewItemID(), s.Now())
	if err != nil {
		return err
	}
	if err := s.Enqueue(ctx, mend.NowQueue, page); err != nil { // as in SendAtOnce
		s.Log.WarnContext(ctx, "the queue", "error", err)
	}
	return nil
}

// mayConfirm reports whether the limits allow one more confirmation. One that lies ahead was sent
// before the clock was set back, and is no reason to wait for it; the silence goes on.
func mayConfirm(r store.Mailbox, now time.Time) bool {
	since := now.Sub(r.LastAsked)
	return !now.Before(r.SilentUntil) && (since >= confirmationsApart || since < -store.MostAhead)
}

// countConfirmation counts one more confirmation; after the last one comes the silence.
func countConfirmation(r store.Mailbox, now time.Time) store.Mailbox {
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

// silencedBox is the mailbox of an address whose owner wants no letters. For as long as after three
// unanswered confirmations, no other spelling of the address is asked to confirm.
func (s *core) silencedBox(ctx context.Context, a mend.Address) (*store.MailboxChange, error) {
	now := s.Now()
	box, err := s.Store.Mailbox(ctx, a, now)
	box.SilentUntil, box.Confirmations = now.Add(silence), mostConfirmations
	return &store.MailboxChange{Mailbox: box, At: now}, err
}

// applySignup gives an account what a sign-up form asked for. Someone else may have filled it in:
// so letters don't show more of the words that are there, and no-contact stays.
func applySignup(w *store.Account, wanted store.SignupRequest) {
	p := &w.Person
	if p.Privacy != "" && wanted.Privacy.Openness() > p.Privacy.Openness() && p.Status != mend.Pending {
		wanted.Privacy = p.Privacy
	}
	p.Name, p.Zone, p.Locale, p.Privacy, p.Cover = wanted.Name, wanted.Rhythm.Zone, "en", wanted.Privacy, wanted.Cover
	p.NoContact = p.NoContact || wanted.NoContact
	if w.Subscription(mend.CheckInNumber) == nil {
		w.Subscriptions = append(w.Subscriptions, mend.Subscription{Number: mend.CheckInNumber, Kind: mend.CheckIn})
	}
	if w.Subscription(mend.DigestNumber) == nil {
		w.Subscriptions = append(w.Subscriptions, mend.Subscription{Number: mend.DigestNumber, Kind: mend.Digest})
	}
	checkIn, digest := w.CheckIn(), w.Digest()
	if !mend.PathFits(wanted.Path, p.NoContact) {
		wanted.Path = mend.Apart
	}
	checkIn.Cadence, checkIn.Path, checkIn.Status = wanted.Rhythm, wanted.Path, p.Status
	digest.Cadence = digestRhythm(wanted.Rhythm, wanted.DigestDay)
	setDigest(checkIn, digest, wanted.Digest, p.Status)
	syncSubscriptions(w)
}

// syncSubscriptions copies into each subscription what its letters need to know of the person.
func syncSubscriptions(w *store.Account) {
	p := w.Person
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		sub.Person, sub.Address, sub.Epoch = p.ID, p.Address, p.Epoch
		sub.Name, sub.Privacy, sub.Cover = p.Name, p.Privacy, p.Cover
		if sub.Kind != mend.Reminder {
			sub.Role, sub.NoContact = p.Role, p.NoContact
		}
	}
}

// withPendingSignup is an account as a yes to its newest confirmation would have it.
func (s *SignUp) withPendingSignup(ctx context.Context, w store.Account) (store.Account, error) {
	if w.Person.Status != mend.Stopped {
		return w, nil
	}
	wanted, err := s.Store.SignupRequest(ctx, w.Person.ID, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return w, nil
	}
	applySignup(&w, wanted)
	return w, err
}

// digestRhythm is a day of the month at the hour of the check-ins.
func digestRhythm(c mend.Cadence, day int) mend.Cadence {
	return mend.Cadence{Kind: mend.Monthly, Day: day, Time: c.Time, Zone: c.Zone}
}

// setDigest switches the digest on or off, and tells the check-in on which day a digest
// may replace it.
func setDigest(checkIn, digest *mend.Subscription, on bool, status mend.Status) {
	digest.Status, checkIn.DigestDay = mend.Off, 0
	if on {
		digest.Status, checkIn.DigestDay, checkIn.DigestFrom = status, digest.Cadence.Day, digest.FirstDate
	}
}

// ConfirmationView is what the page of a confirmation's link shows: what someone, perhaps not the
// address's owner, chose in the form. It changes nothing. Errors: [*mend.Error].
func (s *SignUp) ConfirmationView(ctx context.Context, a Access) (Settings, error) {
	w, err := s.Store.Load(ctx, a.Person, s.Now())
	if err != nil {
		return Settings{}, change.GoneIfNotFound(err)
	}
	if w.Person.Status != mend.Active && w.Person.PendingConfirmation != a.Of.OneOff {
		return Settings{}, mend.ErrExpiredLink
	}
	if w, err = s.withPendingSignup(ctx, w); err != nil {
		return Settings{}, err
	}
	return s.View(w), nil
}

// Confirm starts letters: the second yes, by the link of the newest confirmation. Confirming twice
// changes nothing more. Errors: [*mend.Error].
func (s *SignUp) Confirm(ctx context.Context, a Access) error {
	_, err := s.Change(ctx, a.Person, func(w store.Account) (*store.Transaction, error) {
		p := &w.Person
		if p.Status == mend.Active {
			return nil, nil
		}
		if a.Of.OneOff == "" || p.PendingConfirmation != a.Of.OneOff || p.Status == mend.Suppressed {
			return nil, mend.ErrExpiredLink
		}
		record, err := s.Store.Address(ctx, p.Address)
		if err != nil {
			return nil, err
		}
		if record.IsClosed() { // they said "not me" of this very letter, or of another
			return nil, mend.ErrExpiredLink
		}
		if w, err = s.withPendingSignup(ctx, w); err != nil {
			return nil, err
		}
		box, err := s.Store.Mailbox(ctx, p.Address, s.Now())
		if err != nil {
			return nil, err
		}
		box.Confirmations, box.SilentUntil, box.LastAsked = 0, time.Time{}, time.Time{}
		record.Forget, record.Muted = time.Time{}, 0
		p.Status, p.PendingConfirmation, p.StoppedAt, p.Hold = mend.Active, "", time.Time{}, mend.Hold{}
		p.Consent = mend.Consent{Text: ConsentText, At: s.Now(), How: mend.ByConfirmation}
		s.startAfresh(&w)
		welcome := s.OneOff(*p, mend.Welcome)
		c := store.Transaction{
			Person: *p, Address: &record, Mailbox: &store.MailboxChange{Mailbox: box, At: s.Now()},
			Signup: &store.SignupRequest{},
		}
		if p.NoContact {
			if err := s.holdForReview(ctx, &w, &c); err != nil {
				return nil, err
			}
		} else if err := s.askAboutPromises(ctx, *p, &c); err != nil {
			return nil, err
		}
		c.Subscriptions, c.OneOffs = inUse(w), append(c.OneOffs, welcome)
		return &c, nil
	})
	if err == nil {
		s.Log.InfoContext(ctx, "confirmed", "person", a.Person)
	}
	return err
}

// startAfresh starts letters after a yes, without a pause from before a stop. If letters come every
// few weeks, the first chosen day from now is in the first of them.
func (s *core) startAfresh(w *store.Account) {
	for i := range w.Subscriptions {
		sub := &w.Subscriptions[i]
		holdUnlessOpen(sub, mend.Hold{}) // also of one that is switched off: it may be switched on later
		if sub.Status == mend.Off {
			continue
		}
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

// oneADay moves first dates, so that check-in and digest don't both come on a date on which one of
// them has gone out and then the settings changed.
func oneADay(w *store.Account) {
	checkIn, digest := w.CheckIn(), w.Digest()
	if last := checkIn.LastDate; !last.IsZero() {
		digest.FirstDate = mend.LatestDate(digest.FirstDate, last.AddDays(1))
	}
	if last := digest.LastDate; !last.IsZero() {
		checkIn.FirstDate = mend.LatestDate(checkIn.FirstDate, last.AddDays(1))
	}
	checkIn.DigestFrom = digest.FirstDate
}

// firstDate is the date of a subscription's first letter. The first digest waits until there is a
// month to look back on.
func (s *core) firstDate(sub mend.Subscription) mend.Date {
	first := cadence.FirstDate(sub.Cadence, s.Now())
	if sub.Kind != mend.Digest {
		return first
	}
	nextMonth := s.TodayIn(sub.Cadence.Zone).FirstOfMonth().AddDays(31).FirstOfMonth()
	first, _ = cadence.Next(sub.Cadence, mend.LatestDate(first, nextMonth))
	return first
}

// NotMeDone is [Access.Done] of a confirmation whose address is blocked and whose person is erased.
const NotMeDone = "not me"

// NotMe blocks the address that a confirmation went to: its owner doesn't want our letters. It
// works by both links of that confirmation, while it is unanswered. Where the address is blocked
// already, it does nothing. Errors: [*mend.Error].
func (s *SignUp) NotMe(ctx context.Context, a Access) error {
	if a.Done == NotMeDone {
		return nil
	}
	if a.Of.OneOff == "" {
		return mend.ErrExpiredLink
	}
	return change.Retry(func() error { return s.BlockAddress(ctx, a.Person, a.Of.OneOff) })
}

// BlockAddress is [SignUp.NotMe] of one confirmation; a restore names none.
func (s *SignUp) BlockAddress(ctx context.Context, id mend.ID, confirmation mend.ItemID) error {
	w, err := s.Store.Load(ctx, id, s.Now())
	if err != nil {
		return change.GoneIfNotFound(err)
	}
	if w.Person.Status == mend.Active {
		return mend.ErrExpiredLink
	}
	record, err := s.Store.Address(ctx, w.Person.Address)
	if err != nil {
		return err
	}
	if confirmation != "" && confirmation != w.Person.PendingConfirmation {
		if w.Person.Status == mend.Stopped && record.Blocked { // by this button
			return nil
		}
		return mend.ErrExpiredLink
	}
	if !record.Blocked {
		if err := s.WriteJournal(ctx, id, change.JournalBlock); err != nil {
			return err
		}
	}
	record.Blocked = true
	box, err := s.silencedBox(ctx, w.Person.Address)
	if err != nil {
		return err
	}
	if w.Person.Status != mend.Pending {
		w.Person.PendingConfirmation, w.Person.StoppedAt = "", time.Time{} // nor can the stop be undone
		return s.Store.Commit(ctx, store.Transaction{Person: w.Person, Address: &record, Mailbox: box})
	}
	if err := s.Store.SaveAddress(ctx, w.Person.Address, record); err != nil {
		return err
	}
	if err := s.Store.SaveMailbox(ctx, w.Person.Address, box.Mailbox, box.At); err != nil {
		return err
	}
	return s.Store.Erase(ctx, w, true, s.Now())
}
