package operate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Lister lists the keys of blobs.
type Lister interface {
	// List names the keys with a prefix that are not before another, in their order.
	List(ctx context.Context, prefix, from string) ([]string, error)
}

// Restore makes a table that was restored from a backup fit to send from. Nothing else may run
// meanwhile: neither the dispatcher nor the sender. It may be run again after an error, and must
// be, until it succeeds.
//
// Who stopped, was suppressed, blocked or erased since the backup is so again, and who was told no.
// Who asked for less since then is stopped: the backup does not know what they asked
// for, and silence is the safer error. No letter goes out that may have been sent since: the last
// date of every subscription is raised to the latest date on which anybody can have had a letter by
// now, which costs a letter or two; one-offs that came due are cancelled; the watermark stands at
// now.
func (s *Service) Restore(ctx context.Context, blobs Lister, backup time.Time) error {
	//mutant:drop restore: the journal
	if err := s.replay(ctx, blobs, backup); err != nil {
		return fmt.Errorf("replay the journal: %w", err)
	}
	//mutant:drop restore: the last dates
	if err := s.raiseAll(ctx); err != nil {
		return fmt.Errorf("raise the last dates: %w", err)
	}
	//mutant:drop restore: the one-offs | restore 0.1
	if err := s.cancelDue(ctx, backup); err != nil {
		return fmt.Errorf("cancel the one-offs that came due: %w", err)
	}
	watermark, err := s.Store.Watermark(ctx)
	if err != nil {
		return err
	}
	return s.Store.MoveWatermark(ctx, watermark.At, store.Watermark{At: s.Now()})
}

// underWay is how long before the backup an entry can stand whose change the backup lacks.
const underWay = 5 * time.Minute

// Journalled counts what the journal tells since a backup, by what it tells: what
// [Service.Restore] would do again.
func Journalled(ctx context.Context, blobs Lister, backup time.Time) (map[string]int, error) {
	entries, err := journalSince(ctx, blobs, backup.Add(-underWay))
	counts := map[string]int{}
	for _, e := range entries {
		counts[e.what]++
	}
	return counts, err
}

// entry is what the key of an entry of the journal says.
type entry struct {
	key    string
	at     time.Time
	person mend.ID
	what   string
}

func journalSince(ctx context.Context, blobs Lister, since time.Time) ([]entry, error) {
	keys, err := blobs.List(ctx, change.JournalPrefix, change.JournalPrefix+since.UTC().Format(change.JournalLayout))
	if err != nil {
		return nil, fmt.Errorf("list the journal: %w", err)
	}
	entries := make([]entry, len(keys))
	for i, key := range keys {
		instant, rest, _ := strings.Cut(strings.TrimPrefix(key, change.JournalPrefix), "/")
		id, what, _ := strings.Cut(rest, "-")
		at, err := time.Parse(change.JournalLayout, instant)
		if err != nil {
			return nil, fmt.Errorf("the entry %s: %w", key, err)
		}
		entries[i] = entry{key, at, mend.ID(id), what}
	}
	return entries, nil
}

// replay does again what the journal tells since a backup. It writes no entries of its own: a
// replay that is tried again and again would be longer each time.
func (s *Service) replay(ctx context.Context, blobs Lister, backup time.Time) error {
	entries, err := journalSince(ctx, blobs, backup.Add(-underWay))
	if err != nil {
		return err
	}
	quiet := s.Quiet()
	accounts := account.New(quiet)
	stopped, less, kept := map[mend.ID]time.Time{}, map[mend.ID]bool{}, map[mend.ID]string{}
	for _, e := range entries {
		p := e.person
		var err error
		switch e.what {
		case change.JournalNoContact:
			//mutant:drop restore: those who were told no
			err = accounts.SetNoContact(ctx, p, false, "")
		case change.JournalEpoch: // links that had ended by then must not come to life again
			err = accounts.EndEpoch(ctx, p)
		case change.JournalMove:
			err = account.NewSignIn(quiet).EndMove(ctx, p)
		case change.JournalRestricted:
			//mutant:drop restore: those who asked for less
			less[p] = true
		case change.JournalStop:
			stopped[p] = e.at
		case change.JournalUndo:
			if e.at.Sub(stopped[p]) > change.Skew { // else no one knows which came first
				delete(stopped, p)
			}
		case change.JournalSuppress:
			err = accounts.Suppress(ctx, p, false)
		case change.JournalBounce:
			err = accounts.Suppress(ctx, p, true)
		case change.JournalBlock:
			err = account.NewSignUp(quiet).BlockAddress(ctx, p, "")
		case change.JournalErase:
			err = s.eraseAgain(ctx, p)
		default:
			retention, isKeep := strings.CutPrefix(e.what, change.JournalKeep)
			if !isKeep {
				err = errors.New("of no kind that is known")
			} else if kept[p] != retention { // else it has gone through all their words already
				kept[p] = retention
				err = accounts.KeepFor(ctx, p, mend.Retention(retention))
			}
		}
		if change.IgnoreGone(err) != nil {
			return fmt.Errorf("the entry %s: %w", e.key, err)
		}
	}
	for p := range less {
		stopped[p] = time.Time{}
	}
	return stopEach(ctx, accounts, stopped)
}

func stopEach[T any](ctx context.Context, accounts *account.Service, people map[mend.ID]T) error {
	for _, p := range slices.Sorted(maps.Keys(people)) {
		if _, err := accounts.StopAll(ctx, p); change.IgnoreGone(err) != nil {
			return fmt.Errorf("stop %s: %w", p, err)
		}
	}
	return nil
}

// ReplayStops does the stops again that the journal tells since an instant, in a table that is in
// use: those that people asked for after the restore had read the journal. It returns how many
// there were, those included who had stopped already. Who joined anew since then is stopped as
// well; they are few, and silence is the safer error.
func (s *Service) ReplayStops(ctx context.Context, blobs Lister, since time.Time) (int, error) {
	entries, err := journalSince(ctx, blobs, since)
	if err != nil {
		return 0, err
	}
	stopped := map[mend.ID]bool{}
	for _, e := range entries {
		switch e.what {
		case change.JournalStop:
			stopped[e.person] = true
		case change.JournalUndo:
			delete(stopped, e.person)
		}
	}
	return len(stopped), stopEach(ctx, account.New(s.Quiet()), stopped)
}

// eraseAgain erases a person whom a backup brought back; they had their notice.
func (s *Service) eraseAgain(ctx context.Context, id mend.ID) error {
	w, err := s.Store.Load(ctx, id, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		return s.Store.FinishErasure(ctx, id, s.Now())
	}
	if err != nil {
		return err
	}
	return s.Store.Erase(ctx, w, false, s.Now())
}

// earliest is how far the clocks of the first zone to see a day are ahead of UTC.
const earliest = 14 * time.Hour

// raiseAll raises the last date of every subscription that stands in a slot.
func (s *Service) raiseAll(ctx context.Context) error {
	today := mend.DateOf(s.Now().UTC().Add(earliest))
	return s.Store.EachMember(ctx, func(_ string, members []mend.Subscription) error {
		for _, m := range members {
			err := s.Store.BlockThrough(ctx, store.DeliveryKey{Person: m.Person, Number: m.Number}, today, s.Now())
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// cancelDue gives up the one-offs that came due, or would have been without a pause, sent or not.
// The pages of the backup are left to the sweeps, which count how they ended.
func (s *Service) cancelDue(ctx context.Context, backup time.Time) error {
	now := s.Now()
	quarters, err := s.Store.Quarters(ctx, now.AddDate(0, 0, 2*account.LongestPause))
	if err != nil {
		return err
	}
	for _, quarter := range quarters {
		pages, err := s.Store.OpenPages(ctx, quarter, true, now)
		if err != nil {
			return err
		}
		for _, page := range pages {
			if err := s.giveUp(ctx, page.Members[0], backup); err != nil {
				return err
			}
		}
	}
	return nil
}

// giveUp ends a one-off that came due since the backup, or would have without a pause: no one knows
// whether it was sent. It may be about to be forgotten by now, so it is read as of the backup.
func (s *Service) giveUp(ctx context.Context, k store.DeliveryKey, backup time.Time) error {
	now := s.Now()
	o, err := s.Store.OneOff(ctx, k.Person, k.OneOff, backup)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	case o.Due.After(now) && (o.Meant.IsZero() || o.Meant.After(now)):
		return nil
	}
	if o.Notice != change.NoticeErased {
		l := change.RecordOf(o)
		l.Outcome, l.Nonce, l.At = mend.GivenUp, o.Claim.Nonce, now
		if _, err := s.Store.Record(ctx, l); err != nil {
			return err
		}
	}
	return s.Store.ForgetOneOff(ctx, o)
}
