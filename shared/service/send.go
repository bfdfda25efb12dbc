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
	"example.org/mend/shared/digest"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/path"
	"example.org/mend/shared/person"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

const (
	claimGoodFor   = 20 * time.Second // a call may begin within this of its claim, else the claim is released
	settledAfter   = 15 * time.Minute // an open claim without a record after this is given up
	skew           = 5 * time.Second  // what the clocks of two machines may differ by
	callsAtOnce    = 16
	callTakesUpTo  = 5 * time.Second
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
	body, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("encode work: %w", err)
	}
	return s.Queue.Send(ctx, to, body)
}

// sendPage sends the letters of a page: read, claim, compose, send, record.
func (s *Service) sendPage(ctx context.Context, page store.Occurrences) error {
	if len(page.Members) == 0 || len(page.Members) > store.MostRead {
		return fmt.Errorf("a page of %d occurrences; it has 1 to %d", len(page.Members), store.MostRead)
	}
	if page.Slot == "" || page.Date.IsZero() || page.Due.IsZero() {
		return errors.New("a page without its slot, its date or its due instant")
	}
	done := true
	for members := range slices.Chunk(page.Members, store.MostWrite) {
		ended, err := s.sendSome(ctx, page, members)
		if err != nil {
			return err
		}
		done = done && ended
	}
	if !done {
		return nil
	}
	err := s.Store.ClosePage(ctx, page)
	if errors.Is(err, store.ErrConflict) {
		return nil // a page that expired long ago
	}
	return err
}

// sendSome sends up to 25 letters and reports whether all of them have come to their end.
func (s *Service) sendSome(ctx context.Context, page store.Occurrences, members []store.SubscriptionKey) (ended bool, err error) {
	subs, err := s.Store.Subscriptions(ctx, members)
	if err != nil {
		return false, err
	}
	ended = true
	var claims []store.Claim
	var drafts []draft
	for _, sub := range subs {
		switch outcome, err := s.standing(ctx, sub, page); {
		case err != nil:
			return false, err
		case outcome == toBeSent:
		case outcome == stillOpen:
			ended = false
			continue
		default:
			continue
		}
		d, err := s.draft(ctx, sub, page.Date)
		if err != nil { // one person's trouble holds up nobody else; the sweep tries again
			s.Log.ErrorContext(ctx, "draft", "person", sub.Person, "subscription", sub.Number, "error", err)
			ended = false
			continue
		}
		nonce, err := s.random(10)
		if err != nil {
			return false, err
		}
		d.progress.LastDate = page.Date
		d.progress.Claim = person.Claim{Nonce: nonce, State: person.ClaimOpen, At: s.Now(), Card: d.progress.LastCard}
		claims = append(claims, store.Claim{Read: sub, Date: page.Date, Next: d.progress})
		drafts = append(drafts, d)
	}
	if len(claims) == 0 {
		return ended, nil
	}
	records := make([]*person.Letter, len(claims))
	var wg sync.WaitGroup
	slots := make(chan struct{}, s.atOnce())
	for i, err := range s.claim(ctx, claims) {
		if err != nil {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			records[i] = s.deliver(ctx, claims[i], drafts[i])
		})
	}
	wg.Wait()
	var letters []person.Letter
	for _, l := range records {
		if l != nil {
			letters = append(letters, *l)
			ended = ended && l.Outcome != person.Unknown
		}
	}
	if slices.Contains(records, nil) {
		ended = false // a release, or somebody else's claim: the sweep looks again
	}
	if len(letters) == 0 {
		return ended, nil
	}
	return ended, insist(func() error { return s.Store.RecordEach(ctx, letters) })
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
	err := insist(func() error { return s.Store.Release(ctx, c.Read.Occurrence(c.Date), c.Next.Claim.Nonce) })
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

// atOnce is how many calls to the mail service run side by side. One keeps a simulation deterministic.
func (s *Service) atOnce() int {
	if s.OneAtATime {
		return 1
	}
	return callsAtOnce
}

// standing is how an occurrence stands before anything is done about it.
type standing uint8

const (
	toBeSent  standing = iota + 1
	stillOpen          // claimed, and its outcome not known yet
	over               // sent, given up, or not due any more
)

// standing looks at a subscription as it was read, eventually consistent: the claim's
// condition has the last word on what is to be sent.
func (s *Service) standing(ctx context.Context, sub person.Subscription, page store.Occurrences) (standing, error) {
	now := s.Now()
	switch {
	case sub.Kind == "" || sub.Status != person.Active:
		return over, nil
	case sub.LastDate.After(page.Date):
		return over, nil
	case sub.LastDate == page.Date && sub.Claim.State == person.ClaimOpen:
		return s.settle(ctx, sub, page.Date)
	case !falls(store.MemberOf(sub), page.Date) || !dueAt(sub.Cadence, page.Date).Equal(page.Due):
		return over, nil // the rule was changed: another slot has it
	case now.Before(page.Due.Add(-skew)):
		return stillOpen, nil
	case now.Sub(page.Due) > window:
		s.Log.WarnContext(ctx, "expired", "person", sub.Person, "subscription", sub.Number, "date", page.Date)
		return over, s.Store.Record(ctx, person.Letter{
			Person: sub.Person, Of: person.LetterOf{Date: page.Date, Subscription: sub.Number}, Kind: sub.Kind,
			Outcome: person.Expired, Nonce: sub.Claim.Nonce, At: now,
		})
	}
	return toBeSent, nil
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
func (s *Service) settle(ctx context.Context, sub person.Subscription, date person.Date) (standing, error) {
	of := person.LetterOf{Date: date, Subscription: sub.Number}
	l, err := s.Store.Letter(ctx, sub.Person, of)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	if err == nil && l.Outcome != person.Unknown {
		return over, nil
	}
	if s.Now().Sub(sub.Claim.At) < settledAfter {
		return stillOpen, nil
	}
	s.Log.WarnContext(ctx, "given up", "person", sub.Person, "subscription", sub.Number, "date", date)
	return over, s.Store.Record(ctx, person.Letter{
		Person: sub.Person, Of: of, Kind: sub.Kind, Outcome: person.GivenUp, Nonce: sub.Claim.Nonce, At: s.Now(),
	})
}

// draft is a letter that is chosen and not yet composed.
type draft struct {
	body     letter.Body
	card     int
	question string
	progress person.Progress // of the subscription, once it is claimed
}

func (s *Service) draft(ctx context.Context, sub person.Subscription, date person.Date) (draft, error) {
	d := draft{progress: sub.Progress}
	switch sub.Kind {
	case person.CheckIn:
		choice, ok := path.Next(s.Library, string(sub.Person), path.State{
			Path: sub.Path, Role: cardRole(sub.Role), NoContact: sub.NoContact,
			Seen: path.ParseBitmap(sub.Seen), Round: sub.Round, Last: sub.LastCard,
		})
		if !ok {
			return d, fmt.Errorf("no card for path %q", sub.Path)
		}
		d.card, d.question = choice.Card.Number, choice.Question
		d.progress.Seen, d.progress.Round, d.progress.LastCard = choice.State.Seen.Bytes(), choice.State.Round, choice.State.Last
		kept := !sub.LastReply.IsZero() && !sub.LastReply.Before(sub.LastDate)
		body := letter.CheckIn{Card: choice.Card, Question: choice.Question, Round: choice.Round - 1, NewRound: choice.NewRound, ReplyKept: kept}
		if kept {
			body.AttachmentsDropped = sub.LastReplyAttachments
		}
		d.body = body
	case person.Reminder:
		d.body = letter.Reminder{Words: sub.Words}
	case person.Digest:
		month, err := s.month(ctx, sub, date)
		if err != nil {
			return d, err
		}
		d.body, d.question = letter.Digest{Month: month}, month.Question
	default:
		return d, fmt.Errorf("a subscription of kind %q", sub.Kind)
	}
	return d, nil
}

func cardRole(r person.Role) card.Role { return card.Role(r) }

// month reads what the digest of a date is about: the calendar month before it, and the replies in
// it to letters of the month before that.
func (s *Service) month(ctx context.Context, sub person.Subscription, date person.Date) (digest.Month, error) {
	zone, err := cadence.Zone(sub.Cadence.Zone)
	if err != nil {
		return digest.Month{}, err
	}
	last := date.FirstOfMonth().AddDays(-1)
	first := last.FirstOfMonth()
	var letters []person.Letter
	err = s.Store.Letters(ctx, sub.Person, first, last, func(l person.Letter) error {
		letters = append(letters, l)
		return nil
	})
	if err != nil {
		return digest.Month{}, err
	}
	var replies []person.Reply
	err = s.Store.Replies(ctx, sub.Person, first.AddDays(-1).FirstOfMonth(), last, s.Now(), func(r person.Reply) error {
		replies = append(replies, r)
		return nil
	})
	if err != nil {
		return digest.Month{}, err
	}
	promises, err := s.Store.Promises(ctx, sub.Person)
	if err != nil {
		return digest.Month{}, err
	}
	return digest.Of(first, zone, letters, replies, promises, digest.Options{
		Privacy: sub.Privacy, NoContact: sub.NoContact, Card: s.cardOf,
	}), nil
}

// cardOf is what the digest needs to know of a card.
func (s *Service) cardOf(number int) (digest.Card, bool) {
	c, ok := s.Library.ByNumber(number)
	if !ok {
		return digest.Card{}, false
	}
	return digest.Card{Title: c.Title, Questions: c.Questions, Contact: c.Contact != card.None}, true
}

// deliver composes and sends one claimed letter and returns its record; nil if the claim was released.
func (s *Service) deliver(ctx context.Context, c store.Claim, d draft) *person.Letter {
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
	record.MessageID, record.Outcome = s.call(ctx, out, c.Next.Claim.At)
	if record.Outcome == pendingOutcome {
		s.release(ctx, c)
		return nil
	}
	record.At = s.Now()
	return record
}

// call hands a letter to the mail service, once. The outcome is pendingOutcome if it was surely not taken.
func (s *Service) call(ctx context.Context, out Outgoing, claimed time.Time) (messageID string, outcome person.Outcome) {
	if s.Now().Sub(claimed) >= claimGoodFor {
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
	case errors.Is(err, ErrNotSent), errors.Is(err, ErrClosed):
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
	case person.SignIn:
		may = may || p.Status == person.Stopped
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
		record.MessageID, record.Outcome = s.call(ctx, out, claim.At)
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

// recordOneOff keeps the record of a one-off, but for a notice that goes to nobody we know any more. What is known
// of a second attempt takes the place of what is not known of the first.
func (s *Service) recordOneOff(ctx context.Context, o person.OneOff, l person.Letter) error {
	if o.Notice == noticeErased {
		return nil
	}
	l.Person, l.Of, l.Kind, l.At = o.Person, letterOf(o), o.Kind, s.Now()
	var first string
	if o.Attempts > 0 && l.Outcome != person.Accepted {
		standing, err := s.Store.Letter(ctx, o.Person, l.Of)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		first = standing.Nonce
	}
	return insist(func() error { return s.Store.Record(ctx, l, first) })
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
		return letter.Notice{Name: o.Notice, URL: s.Site + "/signin"}, nil
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
