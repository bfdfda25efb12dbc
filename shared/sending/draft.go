package sending

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"example.org/mend/content"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/monthly"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// draft is a letter that is chosen and not yet composed.
type draft struct {
	body     letter.Body
	to       recipient
	card     int
	question string              // what it asks
	progress mend.Progress       // of the subscription, once it is claimed
	asking   *store.PromptChange // what rides along; nil: nothing
	silent   bool                // the person was silent for a year: perhaps a goodbye comes in place of this
	logged   slog.Attr           // path and step of a check-in, for the operator's dashboard
}

// draft decides what a letter says and whom it goes to. It returns errNoLetter if there is none,
// and store.ErrNotFound if its person or what it is about is gone.
func (s *Service) draft(ctx context.Context, d *delivery, page store.Page) error {
	if d.oneOff != nil {
		return s.draftOneOff(ctx, *d.oneOff, &d.draft)
	}
	err := s.draftOccurrence(ctx, d.sub, page.Date, &d.draft)
	if d.silent {
		if ended, failed := s.sayGoodbye(ctx, d.person, page.Date); ended || failed != nil {
			return cmp.Or(failed, errNoLetter)
		}
	}
	if errors.Is(err, errQuietMonth) {
		return s.sendCheckInInstead(ctx, d.sub, page)
	}
	return err
}

func (s *Service) draftOccurrence(ctx context.Context, sub mend.Subscription, date mend.Date, d *draft) error {
	d.progress = sub.Progress
	d.progress.Letters++
	d.to = recipient{epoch: sub.Epoch, zone: sub.Cadence.Zone, Head: letter.Head{
		To: sub.Address, Name: sub.Name, Privacy: sub.Privacy, Path: sub.Path, Cover: sub.Cover,
		Number: d.progress.Letters,
	}}
	switch sub.Kind {
	case mend.CheckIn:
		d.silent = silentForAYear(sub, date)
		if err := s.draftCheckIn(ctx, sub, date, d); err != nil {
			return err
		}
	case mend.Reminder:
		d.body = letter.Reminder{Words: sub.Words, Ticked: sub.ShowWords}
	case mend.Digest:
		if err := s.draftDigest(ctx, sub, date, d); err != nil {
			return err
		}
	default:
		return fmt.Errorf("a subscription of kind %q", sub.Kind)
	}
	d.question = s.Letters.Question("en", sub.Privacy, d.body)
	return nil
}

// draftCheckIn chooses the check-in of a date and puts it into words.
func (s *Service) draftCheckIn(ctx context.Context, sub mend.Subscription, date mend.Date, d *draft) error {
	if _, known := s.Library.ByNumber(sub.LastCard); !known && sub.LastCard != 0 {
		// content rolled back: the next step goes
		s.Log.WarnContext(ctx, "unknown card", "person", sub.Person, "card", sub.LastCard)
	}
	choice, ok := curriculum.Next(s.Library, sub, date)
	if !ok {
		return fmt.Errorf("no card for path %q", sub.Path)
	}
	d.progress.Step = choice.Next
	if choice.Card != nil {
		d.card = choice.Card.Number
	}
	body := letter.CheckIn{Choice: choice, ReplyKept: change.RepliedSince(sub)}
	if body.ReplyKept {
		body.AttachmentsDropped = sub.LastReplyAttachments
	}
	var err error
	if sub.Privacy.Rules().Cards { // a letter that shows no card asks nothing about the path
		if d.asking, err = s.choosePrompt(ctx, sub, choice.Form, date); err != nil {
			return err
		}
	}
	asking := ""
	if d.asking != nil {
		asking = d.asking.Now.Name
	}
	if choice.Form.LooksBack() {
		asking = stillFits // a look back always asks how to go on
		if body.Words, err = s.wordsSince(ctx, sub, date); err != nil {
			return err
		}
	}
	if asking != "" { // its page is the one of preferences, which does no more than its link may
		links := links{Service: s, claims: token.Claims{
			Person: sub.Person, Subscription: sub.Number, Epoch: sub.Epoch, Date: date,
		}}
		body.Housekeeping = letter.Housekeeping{Name: asking, URL: links.preferences() + "?ask=" + asking}
		if links.err != nil {
			return links.err
		}
	}
	d.body, d.logged = body, slog.GroupAttrs("", slog.String("path", sub.Path), slog.Int("step", choice.Step))
	return nil
}

// wordsSince is what the person wrote since the part of their arc began, as far as
// letters may quote it.
func (s *Service) wordsSince(ctx context.Context, sub mend.Subscription, date mend.Date) ([]digest.Quote, error) {
	if !sub.Privacy.Rules().Own || sub.PartBegan.IsZero() {
		return nil, nil
	}
	p, err := s.Store.Person(ctx, sub.Person, s.Now())
	if err != nil {
		return nil, err
	}
	replies, err := s.RepliesTo(ctx, p, sub.PartBegan, date)
	if err != nil {
		return nil, err
	}
	return digest.Quotes(replies), nil
}

// draftDigest reads what the digest of a date is about. It returns errQuietMonth where the person
// wants no letter about a month that has nothing to show.
func (s *Service) draftDigest(ctx context.Context, sub mend.Subscription, date mend.Date, d *draft) error {
	w, err := s.Store.Load(ctx, sub.Person, s.Now())
	if err != nil {
		return err
	}
	checkIn := w.CheckIn()
	d.silent, d.to.Path = silentForAYear(*checkIn, date), checkIn.Path
	if sub.QuietMonth && checkIn.LastDate == date && cadence.DigestReplaces(*checkIn, date) {
		return errNoLetter // the check-in has gone out in place of a digest that was empty a moment ago
	}
	month, err := monthly.Read(ctx, s.Base, w, date, s.pointsFor(w, sub.NoContact))
	if err == nil && sub.QuietMonth && month.Empty() {
		return errQuietMonth
	}
	d.body = letter.Digest{Month: month}
	return err
}

// pointsFor gives the points that a person's digest may list: none of a card that they said isn't
// for them, and with no-contact none of a card whose practice reaches the other person.
func (s *Service) pointsFor(w store.Account, noContact bool) func(card int) string {
	checkIn := w.CheckIn()
	retired := curriculum.ParseBitmap(checkIn.Retired)
	noContact = noContact || checkIn.Path == mend.Apart
	return func(card int) string {
		c, ok := s.Library.ByNumber(card)
		if !ok || retired.Has(card) || noContact && c.Contact != content.None {
			return ""
		}
		return c.Point
	}
}

// sendCheckInInstead hands out the check-in that the digest of a page would have replaced, because
// that digest is left out. It returns errNoLetter: the digest itself has come to its end. Handing
// it out twice is harmless, as with every page.
func (s *Service) sendCheckInInstead(ctx context.Context, digest mend.Subscription, page store.Page) error {
	w, err := s.Store.Load(ctx, digest.Person, s.Now())
	if err != nil {
		return err
	}
	checkIn := w.CheckIn()
	if checkIn.Status != mend.Active ||
		!cadence.DigestReplaces(*checkIn, page.Date) || !cadence.IsScheduled(*checkIn, page.Date) {
		return errNoLetter
	}
	instead := store.Page{
		Slot: checkIn.Slot, Date: page.Date, Due: page.Due, StandsIn: true,
		Members: []store.DeliveryKey{{Person: digest.Person, Number: mend.CheckInNumber}},
	}
	if err := s.Store.OpenPage(ctx, instead); err != nil {
		return err
	}
	if err := s.Enqueue(ctx, mend.SendQueue, instead); err != nil {
		s.Log.WarnContext(ctx, "a letter waits for the sweep", "person", digest.Person, "error", err)
	}
	return errNoLetter
}
