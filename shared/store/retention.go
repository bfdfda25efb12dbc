package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// wordsLife is how long words are kept where a person chose 90 days: those of a reply from its
// arrival, those of a promise from its day.
const wordsLife = 90 * 24 * time.Hour

// VisibleWords is what of a person's words is kept. Like what follows, it says so even before the
// table has caught up with what they chose.
func VisibleWords(p mend.Person, words string) string {
	if p.Retention == mend.KeepNone {
		return ""
	}
	return words
}

// VisibleReply is a reply as it may be shown; false if its time is over.
func VisibleReply(p mend.Person, r mend.Reply, now time.Time) (mend.Reply, bool) {
	if p.Retention == mend.KeepNone {
		r = withoutWords(r)
	}
	return r, p.Retention != mend.Keep90Days || now.Before(r.At.Add(wordsLife))
}

func withoutWords(r mend.Reply) mend.Reply {
	r.Words, r.Answers, r.AttachmentNames = "", nil, nil
	return r
}

// VisiblePromises is those of the promises that may be shown.
func VisiblePromises(p mend.Person, promises []mend.Promise, now time.Time) []mend.Promise {
	var kept []mend.Promise
	for _, promise := range promises {
		promise.Words = VisibleWords(p, promise.Words)
		if p.Retention != mend.Keep90Days || now.Before(promiseGoes(promise)) {
			kept = append(kept, promise)
		}
	}
	return kept
}

// keptAs is the condition that a person still wants words to be kept for so long.
func keptAs(id mend.ID, retention mend.Retention) Write {
	//mutant:worlds retention race,slow 0.1
	return Write{Op: Check, Key: personKey(id, "PERSON"), If: Condition{{"retention", Equal, string(retention)}}}
}

// ApplyRetention brings what is there in line with how long words are kept now: all of it goes
// after 90 days, what is older at once; or has no words; or stays for good. What was deleted cannot
// be had back any more. It may be interrupted and done again.
func (s *Journal) ApplyRetention(ctx context.Context, id mend.ID, retention mend.Retention, now time.Time) error {
	sealed := func(k Key) bool { return strings.Contains(k.SK, undoMark) }
	if err := s.deleteAll(ctx, ofPerson(id, sessionPrefix), sealed); err != nil {
		return fmt.Errorf("end the undo of deletions: %w", err)
	}
	retain := func(prefix string, writes func(Item) []Write) error {
		return wrap(s.each(ctx, ofPerson(id, prefix), now, func(it Item) (err error) {
			for range 2 { // an edit may remove the pieces of a reply meanwhile
				changes := append(writes(it), keptAs(id, retention))
				err = s.table.Transact(ctx, changes)
				if failed, ok := errors.AsType[*ConditionFailed](err); !ok || failed.Index == len(changes)-1 {
					break
				}
				if it, err = s.table.Get(ctx, it.Key()); it == nil {
					break // it is gone, or cannot be read
				}
			}
			return conflict(err)
		}), "keep words for so long")
	}
	err := retain("REPLY#", func(it Item) []Write { return retainReply(it, retention, now) })
	if err == nil {
		err = retain("PROMISE#", func(it Item) []Write {
			w := retaining(it.Key(), retention, promiseGoes(promiseFrom(it)), now)
			if retention == mend.KeepNone {
				w.Set = Item{"words": ""}
			}
			return []Write{w}
		})
	}
	return IgnoreConflict(err) // they chose otherwise meanwhile: what is there is brought in line with that
}

// retainReply moves a reply and its pieces.
func retainReply(it Item, retention mend.Retention, now time.Time) []Write {
	key, goes := it.Key(), it.instant("at").Add(wordsLife)
	head := retaining(key, retention, goes, now)
	pieces := int(it.number("pieces"))
	if retention == mend.KeepNone {
		head.Set = Item{"words": "", "answers": "null", "attachmentNames": "", "pieces": int64(0)}
	}
	writes := []Write{head}
	for i := range pieces {
		if retention == mend.KeepNone {
			writes = append(writes, Write{Op: Delete, Key: pieceKey(key, i)})
		} else {
			writes = append(writes, retaining(pieceKey(key, i), retention, goes, now))
		}
	}
	return writes
}

// retaining sets when an item goes, or that it stays. One whose time is over goes at once.
func retaining(key Key, retention mend.Retention, goes, now time.Time) Write {
	if retention == mend.Keep90Days && !now.Before(goes) {
		return Write{Op: Delete, Key: key}
	}
	//mutant:worlds AttrPK race,slow 0.1
	w := Write{Op: Update, Key: key, If: Condition{{AttrPK, Exists, nil}}}
	if retention == mend.Keep90Days {
		w.Set = Item{AttrTTL: goes.Unix()}
	} else {
		w.Remove = []string{AttrTTL}
	}
	return w
}
