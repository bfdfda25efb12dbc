package journal

import (
	"context"
	"errors"
	"slices"
	"strings"

	"example.org/mend/shared/change"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// answerOrders adds the letter that answers the orders of a reply.
func (s *Keeper) answerOrders(p mend.Person, stop command.Stop, notices []string, kept *store.ReplyKept) {
	notices = slices.DeleteFunc(notices, func(name string) bool { return name == "" })
	if p.Status != mend.Active {
		return
	}
	today := s.TodayIn(p.Zone)
	if !p.Answered.Before(today) {
		notices = nil
	}
	asks := stop == command.StopAsks && p.AskedToStop.Before(today)
	if len(notices) == 0 && !asks {
		return
	}
	if len(notices) > 0 {
		kept.Answered = today
	}
	var names []string
	if asks {
		kept.AskedToStop = today
		names = append(names, change.NoticeStop)
	}
	for _, name := range slices.Concat([]string{change.NoticeWhen, change.NoticeUnclear}, notices) {
		if slices.Contains(notices, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	kept.OneOffs = append(kept.OneOffs, s.Notice(p, strings.Join(names, change.NoticeSeparator)))
}

// saysYesToStop reports whether a reply is a yes to the letter that asks whether to stop.
func (s *Keeper) saysYesToStop(ctx context.Context, r mend.Reply) (bool, error) {
	o, err := s.Store.OneOff(ctx, r.Person, r.Of.OneOff, s.Now())
	if err != nil || !strings.HasPrefix(o.Notice, change.NoticeStop) {
		return false, ignoreNotFound(err)
	}
	read := command.Read(r.Words, r.Date, command.Kept)
	return len(read.Orders) == 1 && read.Rest == "", nil
}

func ignoreNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
