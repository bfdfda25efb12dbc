package service

import (
	"context"
	"fmt"

	"example.org/mend/content"
	"example.org/mend/shared/curriculum"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// draft is a letter that is chosen and not yet composed.
type draft struct {
	body     letter.Body
	card     int
	question string
	progress mend.Progress       // of the subscription, once it is claimed
	asking   *store.PromptChange // what rides along; nil: nothing
}

func (s *Service) draft(ctx context.Context, sub mend.Subscription, date mend.Date) (draft, error) {
	d := draft{progress: sub.Progress}
	d.progress.Letters++
	switch sub.Kind {
	case mend.CheckIn:
		if silentForAYear(sub, date) {
			if err := s.goodbye(ctx, sub.Person, date); err != nil {
				return d, err
			}
		}
		if _, known := s.Library.ByNumber(sub.LastCard); !known && sub.LastCard != 0 {
			s.Log.WarnContext(ctx, "unknown card", "person", sub.Person, "card", sub.LastCard) // content rolled back: the next one goes
		}
		choice, ok := curriculum.Next(s.Library, string(sub.Person), curriculum.State{
			Path: sub.Path, Role: cardRole(sub.Role), NoContact: sub.NoContact,
			Seen: curriculum.ParseBitmap(sub.Seen), Round: sub.Round, Last: sub.LastCard,
		})
		if !ok {
			return d, fmt.Errorf("no card for path %q", sub.Path)
		}
		d.card, d.question = choice.Card.Number, choice.Question
		d.progress.Seen, d.progress.Round, d.progress.LastCard = choice.State.Seen.Bytes(), choice.State.Round, choice.State.Last
		kept := repliedSince(sub)
		body := letter.CheckIn{Card: choice.Card, Question: choice.Question, Round: choice.Round - 1, NewRound: choice.NewRound, ReplyKept: kept}
		if kept {
			body.AttachmentsDropped = sub.LastReplyAttachments
		}
		var err error
		if sub.Privacy.Rules().Cards { // a letter that shows no card asks nothing about the path
			if d.asking, err = s.choosePrompt(ctx, sub, choice.Card, date); err != nil {
				return d, err
			}
		}
		if d.asking != nil {
			if body.Housekeeping, err = s.housekeeping(sub, date, d.asking.Now.Name); err != nil {
				return d, err
			}
		}
		d.body = body
	case mend.Reminder:
		d.body = letter.Reminder{Words: sub.Words, Ticked: sub.ShowWords}
	case mend.Digest:
		month, err := s.month(ctx, sub, date)
		if err != nil {
			return d, err
		}
		if month.quiet && month.Empty() {
			return d, errQuietMonth
		}
		d.body, d.question = letter.Digest{Month: month.Month}, month.Question
	default:
		return d, fmt.Errorf("a subscription of kind %q", sub.Kind)
	}
	return d, nil
}

// repliedSince reports whether a reply came since the last check-in, of which the next one says that it was kept.
func repliedSince(sub mend.Subscription) bool {
	return !sub.LastReply.IsZero() && !sub.LastReply.Before(sub.LastDate) && sub.LastReplyAttachments >= 0
}

func cardRole(r mend.Role) content.Role { return content.Role(r) }
