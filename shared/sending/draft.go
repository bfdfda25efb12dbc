package sending

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"example.org/mend/shared/change"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
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
		month, err := s.month(ctx, sub, date)
		d.silent = month.silent
		if err != nil {
			return err
		}
		if month.quiet && month.Empty() {
			return errQuietMonth
		}
		d.body, d.to.Path = letter.Digest{Month: month.Month}, month.path
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
	choice, ok := curriculum.Next(s.Library, curriculum.StateOf(sub), date)
	if !ok {
		return fmt.Errorf("no card for path %q", sub.Path)
	}
	d.progress.Step = choice.Next
	if choice.Card != nil {
		d.card = choice.Card.Number
	}
	body := letter.CheckIn{
		Form: choice.Kind, Card: choice.Card, Question: choice.Question, Step: choice.Step, Of: choice.Of,
		Part: choice.Part, Before: choice.Before, LastWeek: choice.LastWeek, NewRound: choice.NewRound,
		Done: choice.Done, Heavy: choice.Lowest, ReplyKept: change.RepliedSince(sub),
	}
	if body.ReplyKept {
		body.AttachmentsDropped = sub.LastReplyAttachments
	}
	var err error
	if sub.Privacy.Rules().Cards { // a letter that shows no card asks nothing about the path
		if d.asking, err = s.choosePrompt(ctx, sub, choice.Kind, date); err != nil {
			return err
		}
	}
	asking := ""
	if d.asking != nil {
		asking = d.asking.Now.Name
	}
	if choice.Kind.LooksBack() {
		asking = stillFits // a look back always asks how to go on
		if body.Words, err = s.wordsSince(ctx, sub, date); err != nil {
			return err
		}
	}
	if asking != "" {
		if body.Housekeeping, err = s.housekeeping(sub, date, asking); err != nil {
			return err
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
