package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/card"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/path"
	"example.org/mend/shared/person"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

const (
	claimGoodFor   = 20 * time.Second // a call ends within this of its claim; one that could not is not begun
	callTakesUpTo  = 5 * time.Second
	settledAfter   = 15 * time.Minute // an open claim without a record after this is given up
	startWithin    = 2 * time.Second  // only so many letters are claimed at once as can start within this
	breakerFor     = 5 * time.Minute  // how long nothing is sent after the mail service took nobody's letters
	handOnBefore   = 12 * time.Second // of the end of the function's time, what is left of a page is handed on
	skew           = 5 * time.Second  // what the clocks of two machines may differ by
	callsAtOnce    = 16
	pendingOutcome = person.Outcome("") // not ended: the page stays open
)

// Work is a message of the send queue or the now queue: one of the two.
type Work struct {
	Page   *store.Occurrences `json:"page,omitempty"`
	OneOff *store.OneOffKey   `json:"oneOff,omitempty"`
}

// Do does a message's work. It may be done any number of times; an error means
// that the message should be delivered again.
func (s *Service) Do(ctx context.Context, w Work) error {
	switch {
	case w.Page != nil && w.OneOff == nil:
		return s.sendPage(ctx, *w.Page)
	case w.OneOff != nil && w.Page == nil:
		return s.sendOneOff(ctx, *w.OneOff)
	}
	return errors.New("work that is neither a page nor a one-off")
}

// queue hands work to the send function.
func (s *Service) queue(ctx context.Context, to QueueName, w Work) error {
	body, err := encode(w)
	if err != nil {
		return err
	}
	return s.Queue.Send(ctx, to, body)
}

func encode(w Work) ([]byte, error) {
	body, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encode work: %w", err)
	}
	return body, nil
}

// sendPage sends the letters of a page: read, claim, compose, send, record.
func (s *Service) sendPage(ctx context.Context, page store.Occurrences) error {
	if page.Slot == "" || page.Date.IsZero() || page.Due.IsZero() {
		return errors.New("a page without its slot, its date or its due instant")
	}
	if len(page.Members) > store.MostRead {
		return fmt.Errorf("a page of %d occurrences; it has at most %d", len(page.Members), store.MostRead)
	}
	var tally store.Tally
	if len(page.Members) == 0 {
		if page.After == "" {
			return errors.New("a page without members, and not the rest of a slot")
		}
		if _, err := s.handOutSlot(ctx, page, s.Now()); err != nil {
			return err
		}
	} else if done, err := s.sendMembers(ctx, page, &tally); err != nil || !done {
		return err
	}
	err := insist(func() error { return s.Store.ClosePage(ctx, page, tally) })
	if errors.Is(err, store.ErrConflict) {
		return nil // a page that expired long ago
	}
	return err
}

// sendMembers sends what of a page is to be sent and reports whether all of it has come to its end.
func (s *Service) sendMembers(ctx context.Context, page store.Occurrences, tally *store.Tally) (done bool, err error) {
	subs, err := s.Store.Subscriptions(ctx, page.Members)
	if err != nil {
		return false, err
	}
	pace := s.Quota.pace(SendQueue)
	for some := range slices.Chunk(subs, pace.atOnce(store.MostWrite)) {
		if open, err := s.breakerOpen(ctx); err != nil || open {
			return false, err // the sweeps hand it out again
		}
		if end, ends := ctx.Deadline(); ends && end.Sub(s.Now()) < handOnBefore {
			return false, s.queue(ctx, SendQueue, Work{Page: &page})
		}
		if err := s.sendSome(ctx, page, some, pace, tally); err != nil {
			return false, err
		}
	}
	return tally.Sum() == len(page.Members), nil
}

// sendSome sends up to 25 letters and counts those that have come to their end.
func (s *Service) sendSome(ctx context.Context, page store.Occurrences, subs []person.Subscription, pace pace, tally *store.Tally) error {
	var claims []store.Claim
	var drafts []draft
	for _, sub := range subs {
		switch stands, outcome, err := s.standing(ctx, sub, page); {
		case err != nil:
			return err
		case stands == stillOpen:
			continue
		case stands == over:
			tally.Add(outcome)
			continue
		}
		d, err := s.draft(ctx, sub, page.Date)
		if errors.Is(err, errNoLetter) {
			tally.Add(released)
			continue
		}
		if err != nil { // one person's trouble holds up nobody else; the sweep tries again
			s.Log.ErrorContext(ctx, "draft", "person", sub.Person, "subscription", sub.Number, "error", err)
			continue
		}
		nonce, err := s.random(10)
		if err != nil {
			return err
		}
		d.progress.LastDate = page.Date
		d.progress.Claim = person.Claim{Nonce: nonce, State: person.ClaimOpen, At: s.Now(), Card: d.progress.LastCard}
		claims = append(claims, store.Claim{Read: sub, Date: page.Date, Next: d.progress, Asking: d.asking})
		drafts = append(drafts, d)
	}
	if len(claims) == 0 {
		return nil
	}
	records := s.deliverEach(ctx, page, claims, drafts, pace)
	if len(records) == 0 {
		return nil
	}
	for _, l := range records {
		if l.Outcome != person.Unknown {
			tally.Add(l.Outcome)
		}
	}
	return insist(func() error { return s.Store.RecordEach(ctx, records) })
}

// deliverEach claims what it can, sends it, many at a time, and returns the records of what was sent or may have
// been. Of what has none, the claim was somebody else's or is released.
func (s *Service) deliverEach(ctx context.Context, page store.Occurrences, claims []store.Claim, drafts []draft, pace pace) []person.Letter {
	records := make([]*person.Letter, len(claims))
	deliver := func(i int) { records[i] = s.deliver(ctx, claims[i], drafts[i], page.Due.Add(window)) }
	var wg sync.WaitGroup
	slots := make(chan struct{}, callsAtOnce)
	for i, err := range s.claim(ctx, claims) {
		if err != nil {
			continue
		}
		if err := s.sleep(ctx, pace.interval); err != nil {
			s.release(ctx, claims[i])
			continue
		}
		if s.OneAtATime {
			deliver(i)
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			deliver(i)
		})
	}
	wg.Wait()
	var letters []person.Letter
	for _, l := range records {
		if l != nil {
			letters = append(letters, *l)
		}
	}
	return letters
}

// claim claims each occurrence that it can; an error stands where we may not send. A claim whose answer
// was lost is asked for again with its nonce; one that stays unclear is released, lest it passes for a letter that
// may have been sent.
func (s *Service) claim(ctx context.Context, claims []store.Claim) []error {
	errs := make([]error, len(claims))
	unclear := make([]int, len(claims))
	for i := range claims {
		unclear[i] = i
	}
	_ = insist(func() error {
		some := make([]store.Claim, len(unclear))
		for i, at := range unclear {
			some[i] = claims[at]
		}
		answers, err := s.Store.Claim(ctx, some)
		for i, at := range unclear {
			errs[at] = err
			if err == nil {
				errs[at] = answers[i]
			}
		}
		unclear = slices.DeleteFunc(unclear, func(at int) bool { return errs[at] == nil || errors.Is(errs[at], store.ErrClaimed) })
		if len(unclear) > 0 {
			return errs[unclear[0]]
		}
		return nil
	})
	for _, at := range unclear {
		s.Log.WarnContext(ctx, "claim", "person", claims[at].Read.Person, "error", errs[at])
		s.release(ctx, claims[at])
	}
	return errs
}

// release gives a claim back whose letter was surely not sent. Where that does not succeed, the letter is given up in time.
func (s *Service) release(ctx context.Context, c store.Claim) {
	err := insist(func() error { return s.Store.Release(ctx, c) })
	if ignoreConflict(err) != nil {
		s.Log.WarnContext(ctx, "release", "person", c.Read.Person, "error", err)
	}
}

// insist does up to three times what may be done twice: to lose the answer to a claim or to a
// record costs a letter. What the table decided, it does not ask again.
func insist(do func() error) error {
	var err error
	for range 3 {
		err = do()
		if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrClaimed) || errors.Is(err, context.Canceled) {
			break
		}
	}
	return err
}

// standing is how an occurrence stands before anything is done about it.
type standing uint8

const (
	toBeSent  standing = iota + 1
	stillOpen          // claimed, and its outcome not known yet
	over               // sent, given up, or not due any more
)

// released is what the audit calls an occurrence that was not due any more when its turn came.
const released = person.Outcome("released")

// standing looks at a subscription as it was read, eventually consistent, and says of one that is over how
// it ended. What it judges to be sent, the claim's condition holds to exactly this reading.
func (s *Service) standing(ctx context.Context, sub person.Subscription, page store.Occurrences) (standing, person.Outcome, error) {
	now := s.Now()
	due := falls(store.MemberOf(sub), page.Date) && dueAt(sub.Cadence, page.Date).Equal(page.Due)
	if page.Asked {
		due = !sub.PausedUntil.After(page.Date)
	}
	switch {
	case sub.LastDate == page.Date && sub.Claim.State != person.ClaimReleased:
		return s.settle(ctx, sub, page.Date, sub.Claim.At)
	case sub.LastDate.After(page.Date) && due: // overtaken: by a restore, or after an outage of a day
		return s.settle(ctx, sub, page.Date, page.Due)
	case sub.Status != person.Active || sub.LastDate.After(page.Date):
		return over, released, nil
	case !due:
		return over, released, nil // the rule was changed: another slot has it
	case now.Before(page.Due.Add(-skew)):
		return stillOpen, "", nil
	case now.After(page.Due.Add(window)):
		s.Log.WarnContext(ctx, "expired", "person", sub.Person, "subscription", sub.Number, "date", page.Date)
		outcome, err := s.ends(ctx, sub, page.Date, person.Expired)
		return over, outcome, err
	}
	return toBeSent, "", nil
}

// ends records an occurrence that will not be sent, and returns the outcome that stands.
func (s *Service) ends(ctx context.Context, sub person.Subscription, date person.Date, o person.Outcome) (person.Outcome, error) {
	return s.Store.Record(ctx, person.Letter{
		Person: sub.Person, Of: person.LetterOf{Date: date, Subscription: sub.Number}, Kind: sub.Kind,
		Outcome: o, Nonce: sub.Claim.Nonce, At: s.Now(),
	})
}

// dueAt is the instant at which the rule falls due on a date; zero where the zone is not known.
func dueAt(c person.Cadence, date person.Date) time.Time {
	zone, err := cadence.Zone(c.Zone)
	if err != nil {
		return time.Time{}
	}
	return cadence.At(zone, date, c.Time)
}

// settle looks what became of an open claim: what its record says, or given up when there is none after
// fifteen minutes. Check-ins are never simply sent again: perhaps the letter was taken.
func (s *Service) settle(ctx context.Context, sub person.Subscription, date person.Date, since time.Time) (standing, person.Outcome, error) {
	l, err := s.Store.Letter(ctx, sub.Person, person.LetterOf{Date: date, Subscription: sub.Number})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, "", err
	}
	if err == nil && l.Outcome != person.Unknown {
		return over, l.Outcome, nil
	}
	if s.Now().Sub(since) < settledAfter {
		return stillOpen, "", nil
	}
	s.Log.WarnContext(ctx, "given up", "person", sub.Person, "subscription", sub.Number, "date", date)
	outcome, err := s.ends(ctx, sub, date, person.GivenUp)
	return over, outcome, err
}

// draft is a letter that is chosen and not yet composed.
type draft struct {
	body     letter.Body
	card     int
	question string
	progress person.Progress // of the subscription, once it is claimed
	asking   *store.Asking   // what rides along; nil: nothing
}

func (s *Service) draft(ctx context.Context, sub person.Subscription, date person.Date) (draft, error) {
	d := draft{progress: sub.Progress}
	switch sub.Kind {
	case person.CheckIn:
		if silentForAYear(sub, date) {
			if err := s.goodbye(ctx, sub.Person, date); err != nil {
				return d, err
			}
		}
		if _, known := s.Library.ByNumber(sub.LastCard); !known && sub.LastCard != 0 {
			s.Log.WarnContext(ctx, "unknown card", "person", sub.Person, "card", sub.LastCard) // content rolled back: the next one goes
		}
		choice, ok := path.Next(s.Library, string(sub.Person), path.State{
			Path: sub.Path, Role: cardRole(sub.Role), NoContact: sub.NoContact,
			Seen: path.ParseBitmap(sub.Seen), Round: sub.Round, Last: sub.LastCard,
		})
		if !ok {
			return d, fmt.Errorf("no card for path %q", sub.Path)
		}
		d.card, d.question = choice.Card.Number, choice.Question
		d.progress.Seen, d.progress.Round, d.progress.LastCard = choice.State.Seen.Bytes(), choice.State.Round, choice.State.Last
		kept := !sub.LastReply.IsZero() && !sub.LastReply.Before(sub.LastDate) && sub.LastReplyAttachments >= 0
		body := letter.CheckIn{Card: choice.Card, Question: choice.Question, Round: choice.Round - 1, NewRound: choice.NewRound, ReplyKept: kept}
		if kept {
			body.AttachmentsDropped = sub.LastReplyAttachments
		}
		var err error
		if d.asking, err = s.ridesAlong(ctx, sub, choice.Card, date); err != nil {
			return d, err
		}
		if d.asking != nil {
			if body.Housekeeping, err = s.housekeeping(sub.Person, date, d.asking.Now.Name); err != nil {
				return d, err
			}
		}
		d.body = body
	case person.Reminder:
		d.body = letter.Reminder{Words: sub.Words}
	case person.Digest:
		month, err := s.month(ctx, sub, date)
		if err != nil {
			return d, err
		}
		if month.quiet && month.Empty() {
			return d, errNoLetter
		}
		d.body, d.question = letter.Digest{Month: month.Month}, month.Question
	default:
		return d, fmt.Errorf("a subscription of kind %q", sub.Kind)
	}
	return d, nil
}

func cardRole(r person.Role) card.Role { return card.Role(r) }

// deliver composes and sends one claimed letter and returns its record; nil if the claim was released.
func (s *Service) deliver(ctx context.Context, c store.Claim, d draft, expires time.Time) *person.Letter {
	sub, nonce := c.Read, c.Next.Claim.Nonce
	of := person.LetterOf{Date: c.Date, Subscription: sub.Number}
	record := &person.Letter{
		Person: sub.Person, Of: of, Kind: sub.Kind, Nonce: nonce, Card: d.card, Question: d.question, At: s.Now(),
	}
	out, err := s.compose(of, sub.Person, recipient{sub.Address, sub.Name, sub.Privacy, sub.Cadence.Zone}, nonce, d.body)
	if err != nil {
		s.Log.ErrorContext(ctx, "compose", "person", sub.Person, "subscription", sub.Number, "error", err)
		record.Outcome = person.Failed
		return record
	}
	record.MessageID, record.Outcome = s.call(ctx, out, c.Next.Claim.At, expires)
	if record.Outcome == pendingOutcome {
		s.release(ctx, c)
		return nil
	}
	record.At = s.Now()
	return record
}

// call hands a letter to the mail service, once. The outcome is pendingOutcome if it was surely not taken.
func (s *Service) call(ctx context.Context, out Outgoing, claimed, expires time.Time) (messageID string, outcome person.Outcome) {
	now := s.Now()
	if now.Sub(claimed) > claimGoodFor-callTakesUpTo || now.After(expires) {
		return "", pendingOutcome
	}
	calling, cancel := context.WithTimeout(ctx, callTakesUpTo)
	defer cancel()
	messageID, err := s.Mailer.Send(calling, out)
	reason := withoutAddress(err, out.To)
	switch {
	case err == nil:
		s.Log.InfoContext(ctx, "sent", "occurrence", out.Occurrence, "kind", out.Kind)
		return messageID, person.Accepted
	case errors.Is(err, ErrClosed):
		s.Log.ErrorContext(ctx, "breaker opened", "occurrence", out.Occurrence, "error", reason)
		if err := insist(func() error { return s.Store.OpenBreaker(ctx, s.Now().Add(breakerFor)) }); err != nil {
			s.Log.ErrorContext(ctx, "open the breaker", "error", err)
		}
		return "", pendingOutcome
	case errors.Is(err, ErrNotSent):
		s.Log.WarnContext(ctx, "released", "occurrence", out.Occurrence, "error", reason)
		return "", pendingOutcome
	case errors.Is(err, ErrRefused):
		s.Log.ErrorContext(ctx, "failed", "occurrence", out.Occurrence, "error", reason)
		return "", person.Failed
	}
	s.Log.ErrorContext(ctx, "unknown", "occurrence", out.Occurrence, "error", reason)
	return "", person.Unknown
}

// withoutAddress is the text of an error without the address that mail services like to repeat in it.
func withoutAddress(err error, to person.Address) string {
	if err == nil {
		return ""
	}
	text := strings.ReplaceAll(err.Error(), to.Mail(), "(address)")
	return strings.ReplaceAll(text, to.Key(), "(address)")
}

// recipient is what a letter needs to know of a person.
type recipient struct {
	address person.Address
	name    string
	privacy person.Privacy
	zone    string
}

// compose makes the message of a letter, with its own links and its own reply address.
func (s *Service) compose(of person.LetterOf, id person.ID, to recipient, nonce string, body letter.Body) (Outgoing, error) {
	occurrence := Occurrence(id, of)
	zone, err := cadence.Zone(to.zone)
	if err != nil {
		return Outgoing{}, err
	}
	head := letter.Head{To: to.address, Name: to.name, Locale: "en", Privacy: to.privacy, At: s.Now().In(zone), ID: occurrence}
	claims := token.Claims{Person: id, Thing: of.OneOff, Subscription: of.Subscription, Date: of.Date}
	kind := body.Kind()
	if answerable(kind) {
		if head.Reply, err = s.Keys.ReplyAddress(claims, s.ReplyDomain); err != nil {
			return Outgoing{}, err
		}
	}
	if kind != person.Confirmation {
		links := []struct {
			purpose token.Purpose
			at      string
			to      *string
		}{{token.Preferences, "/preferences/", &head.Preferences}, {token.Unsubscribe, "/stop/", &head.Stop}}
		for _, link := range links {
			text, err := s.sign(token.Claims{Purpose: link.purpose, Person: id, Subscription: of.Subscription, Date: of.Date})
			if err != nil {
				return Outgoing{}, err
			}
			*link.to = s.Site + link.at + text
		}
		head.OneClick = head.Stop
	}
	mail, err := s.Letters.Compose(head, body)
	if err != nil {
		return Outgoing{}, err
	}
	return Outgoing{To: to.address, Raw: mail.Raw, Kind: kind, Occurrence: occurrence, Attempt: nonce}, nil
}

// answerable reports whether a reply to a letter of this kind is kept.
func answerable(k person.Kind) bool {
	switch k {
	case person.CheckIn, person.Reminder, person.Digest, person.PromiseKind, person.Welcome:
		return true
	}
	return false
}

// Occurrence names a letter in tags and logs: person-date-subscription or one-off. [ParseOccurrence] reads it.
func Occurrence(id person.ID, of person.LetterOf) string {
	which := string(of.OneOff)
	if of.Subscription != 0 {
		which = fmt.Sprintf("%02d", of.Subscription)
	}
	return strings.Join([]string{string(id), strings.ReplaceAll(of.Date.String(), "-", ""), which}, "-")
}

// ParseOccurrence undoes [Occurrence].
func ParseOccurrence(s string) (person.ID, person.LetterOf, error) {
	bad := fmt.Errorf("not the name of a letter: %q", s)
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[0]) != 16 || len(parts[1]) != 8 {
		return "", person.LetterOf{}, bad
	}
	date, err := person.ParseDate(parts[1][:4] + "-" + parts[1][4:6] + "-" + parts[1][6:])
	if err != nil {
		return "", person.LetterOf{}, bad
	}
	of := person.LetterOf{Date: date}
	switch len(parts[2]) {
	case 2:
		n, err := strconv.ParseUint(parts[2], 10, 8)
		if err != nil || n == 0 {
			return "", person.LetterOf{}, bad
		}
		of.Subscription = uint8(n)
	case 8:
		of.OneOff = person.Thing(parts[2])
	default:
		return "", person.LetterOf{}, bad
	}
	return person.ID(parts[0]), of, nil
}

// sendOneOff sends a letter that belongs to no subscription.
func (s *Service) sendOneOff(ctx context.Context, key store.OneOffKey) error {
	if open, err := s.breakerOpen(ctx); err != nil || open {
		return err // its quarter-hour, and the sweeps after it, hand it out again
	}
	if err := s.sleep(ctx, s.Quota.pace(NowQueue).interval); err != nil {
		return err
	}
	now := s.Now()
	o, err := s.Store.OneOff(ctx, key, now)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case o.State == person.OneOffDone || o.State == person.OneOffCancelled:
		return nil
	case o.State == person.OneOffClaimed:
		settled, err := s.settleOneOff(ctx, o)
		if err != nil || settled {
			return err
		}
	case now.Before(o.Due.Add(-skew)):
		return nil // its quarter-hour comes
	case now.After(o.Expires):
		s.Log.WarnContext(ctx, "expired", "person", o.Person, "oneoff", o.ID, "kind", o.Kind)
		return s.end(ctx, o, person.Letter{Outcome: person.Expired, Nonce: o.Claim.Nonce})
	}
	to, err := s.recipientOf(ctx, o)
	var body letter.Body
	if err == nil {
		body, err = s.oneOffBody(ctx, o)
	}
	if errors.Is(err, store.ErrNotFound) { // it may not be sent any more, or what it is about is gone
		return s.close(ctx, o, o.Claim.Nonce)
	}
	if err != nil {
		return err
	}
	return s.deliverOneOff(ctx, o, to, body)
}

// recipientOf reads to whom a one-off goes as they are now: whether they may still get it, and how much of their
// words it may show. It returns store.ErrNotFound where they may not.
func (s *Service) recipientOf(ctx context.Context, o person.OneOff) (recipient, error) {
	if o.Notice == noticeErased {
		return recipient{o.Address, o.Name, o.Privacy, o.Zone}, nil
	}
	p, err := s.Store.Person(ctx, o.Person, s.Now())
	if err != nil {
		return recipient{}, err
	}
	may := p.Status == person.Active
	switch o.Kind {
	case person.Confirmation:
		may = p.Status != person.Suppressed && p.Asking == o.ID
		if o.Notice == askToMove && p.Status == person.Active {
			if may, err = s.mayAskToMove(ctx, o); err != nil {
				return recipient{}, err
			}
		}
	case person.SignIn:
		may = may || p.Status == person.Stopped
	case person.Notice:
		may = may || p.Status == person.Stopped && o.Notice == noticeGoodbye // which is why they stand as stopped
	}
	if !may {
		return recipient{}, store.ErrNotFound
	}
	if o.Kind == person.Confirmation {
		p.Name = "" // it holds nothing that anybody typed
	}
	return recipient{o.Address, p.Name, p.Privacy, p.Zone}, nil
}

// deliverOneOff claims, composes, sends and records a one-off as it was read.
func (s *Service) deliverOneOff(ctx context.Context, o person.OneOff, to recipient, body letter.Body) error {
	nonce, err := s.random(10)
	if err != nil {
		return err
	}
	key, of := store.OneOffKey{Person: o.Person, ID: o.ID}, letterOf(o)
	claim := person.Claim{Nonce: nonce, State: person.ClaimOpen, At: s.Now()}
	release := func() error {
		return ignoreConflict(insist(func() error { return s.Store.ReleaseOneOff(ctx, key, nonce) }))
	}
	err = insist(func() error { return s.Store.ClaimOneOff(ctx, o, claim) })
	if errors.Is(err, store.ErrClaimed) {
		return nil
	}
	if err != nil { // written or not: nothing may be sent
		return errors.Join(err, release())
	}
	record := person.Letter{Nonce: nonce, Outcome: person.Failed}
	out, err := s.compose(of, o.Person, to, nonce, body)
	if err != nil {
		s.Log.ErrorContext(ctx, "compose", "person", o.Person, "oneoff", o.ID, "error", err)
	} else {
		record.MessageID, record.Outcome = s.call(ctx, out, claim.At, o.Expires)
	}
	switch record.Outcome {
	case pendingOutcome:
		return release()
	case person.Unknown:
		return s.recordOneOff(ctx, o, record)
	}
	return s.end(ctx, o, record)
}

// end records what became of a one-off and closes it.
func (s *Service) end(ctx context.Context, o person.OneOff, l person.Letter) error {
	if err := s.recordOneOff(ctx, o, l); err != nil {
		return err
	}
	return s.close(ctx, o, l.Nonce)
}

// recordOneOff keeps the record of a one-off, but for a notice that goes to nobody we know any more.
func (s *Service) recordOneOff(ctx context.Context, o person.OneOff, l person.Letter) error {
	if o.Notice == noticeErased {
		return nil
	}
	l.Person, l.Of, l.Kind, l.At = o.Person, letterOf(o), o.Kind, s.Now()
	return insist(func() error {
		_, err := s.Store.Record(ctx, l)
		return err
	})
}

// close takes a one-off out of what is still to be sent; of the notice of an erasure nothing is left.
func (s *Service) close(ctx context.Context, o person.OneOff, nonce string) error {
	key := store.OneOffKey{Person: o.Person, ID: o.ID}
	return ignoreConflict(insist(func() error {
		if o.Notice == noticeErased {
			return s.Store.ForgetOneOff(ctx, key)
		}
		return s.Store.CloseOneOff(ctx, key, nonce)
	}))
}

// letterOf names the letter of a one-off; a promise's goes by the promise, so that an answer finds it years later.
func letterOf(o person.OneOff) person.LetterOf {
	if o.Kind == person.PromiseKind {
		return person.LetterOf{Date: o.Date, OneOff: o.Promise}
	}
	return person.LetterOf{Date: o.Date, OneOff: o.ID}
}

// noticeErased is the notice of an erasure, the last letter of all.
const noticeErased = "erased"

// settleOneOff looks what became of a claimed one-off. Those whose loss would hurt more than a
// double are tried a second time, once, after fifteen minutes; the others are given up.
func (s *Service) settleOneOff(ctx context.Context, o person.OneOff) (settled bool, err error) {
	l, err := s.Store.Letter(ctx, o.Person, letterOf(o))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if err == nil && l.Outcome != person.Unknown {
		return true, s.close(ctx, o, o.Claim.Nonce)
	}
	now := s.Now()
	if now.Sub(o.Claim.At) < settledAfter {
		return true, nil // not yet
	}
	if o.Attempts < 2 && !now.After(o.Expires) && (o.Kind == person.PromiseKind || o.Kind == person.Reminder || o.Notice == noticeErased) {
		return false, nil
	}
	s.Log.WarnContext(ctx, "given up", "person", o.Person, "oneoff", o.ID, "kind", o.Kind)
	return true, s.end(ctx, o, person.Letter{Outcome: person.GivenUp, Nonce: o.Claim.Nonce})
}

func ignoreConflict(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// oneOffBody writes what a one-off says. It returns store.ErrNotFound if what it is about is gone.
func (s *Service) oneOffBody(ctx context.Context, o person.OneOff) (letter.Body, error) {
	link := func(purpose token.Purpose, at string, expires time.Time) (string, error) {
		text, err := s.sign(token.Claims{Purpose: purpose, Person: o.Person, Thing: o.ID, Date: o.Date, Expires: expires})
		return s.Site + at + text, err
	}
	switch o.Kind {
	case person.Confirmation:
		if o.Notice == askToMove {
			yes, no, err := s.moveLinks(o)
			return letter.Confirmation{ConfirmURL: yes, NotMeURL: no}, err
		}
		confirm, err := link(token.Confirm, "/confirm/", time.Time{})
		if err != nil {
			return nil, err
		}
		notMe, err := link(token.NotMe, "/notme/", time.Time{})
		return letter.Confirmation{ConfirmURL: confirm, NotMeURL: notMe}, err
	case person.SignIn:
		url, err := link(token.SignIn, "/signin/", o.Expires)
		return letter.SignIn{URL: url}, err
	case person.Welcome:
		w, err := s.Store.Load(ctx, o.Person, s.Now())
		if err != nil {
			return nil, err
		}
		view, err := s.settings(w)
		return letter.Welcome{First: InWords(view.Next), Rhythm: view.Rhythm}, err
	case person.PromiseKind:
		promise, err := s.Store.Promise(ctx, o.Person, o.Promise)
		if err != nil {
			return nil, err
		}
		if promise.State != person.PromiseOpen || promise.Due != o.Date {
			return nil, store.ErrNotFound // answered, or moved to another day
		}
		text, err := s.sign(token.Claims{Purpose: token.Promise, Person: o.Person, Thing: o.Promise, Date: o.Date})
		return letter.Promise{Words: promise.Words, Due: promise.Due, AnswerURL: s.Site + "/promise/" + text}, err
	case person.Reminder:
		return letter.Reminder{Words: o.Words}, nil
	case person.Notice:
		page := "/signin"
		switch o.Notice {
		case noticeMove:
			_, keep, err := s.moveLinks(o)
			return letter.Notice{Name: o.Notice, URL: keep}, err
		case noticeGoodbye:
			page = "/join"
		}
		return letter.Notice{Name: o.Notice, URL: s.Site + page}, nil
	}
	return nil, fmt.Errorf("a one-off of kind %q", o.Kind)
}

// InWords is an instant as a person says it: "Monday 2 March at 07:30". The zero instant is "".
func InWords(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("Monday 2 January at 15:04")
}
