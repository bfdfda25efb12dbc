package sending

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.org/mend/shared/change"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// isAnswer reports whether a notice answers a reply.
func isAnswer(o mend.OneOff) bool {
	name, _, _ := strings.Cut(o.Notice, change.NoticeSeparator)
	return o.Kind == mend.Notice && slices.Contains(letter.Answers, name)
}

// answerBody writes the letter that answers a reply, with the settings as they are now. It returns
// store.ErrNotFound if it would say what doesn't hold any more.
func (s *Service) answerBody(ctx context.Context, o mend.OneOff, links *links) (letter.Body, error) {
	w, err := s.Store.Load(ctx, o.Person, s.Now())
	if err != nil {
		return nil, err
	}
	view := s.account.View(w)
	names := strings.Split(o.Notice, change.NoticeSeparator)
	n := letter.Notice{
		Name:   names[0],
		Also:   names[1:],
		URL:    s.Site + "/signin",
		Next:   mend.InWords(view.Next, s.Now()),
		Rhythm: view.Rhythm,
	}
	if until := w.Person.Hold.Until; !until.IsZero() {
		n.Until = fmt.Sprintf("%d %s %d", until.Day, until.Month, until.Year)
	} else if slices.Contains(names, "paused") {
		return nil, store.ErrNotFound
	}
	switch n.Name {
	case change.NoticeWhen:
	case change.NoticeStop:
		n.URL = links.stop()
	default:
		n.URL = links.preferences()
	}
	return n, nil
}
