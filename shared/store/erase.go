package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/mend"
)

// erasing is the status of a person who is being erased. Only a mark is left of them, and it stands
// in the partition of the index that has the same name.
const erasing = "erasing"

// stragglers is how long a mark stands: a letter that was on its way when the erasure began is
// recorded well within it, and that record is erased with the mark.
const stragglers = 5 * time.Minute

// Erase removes everything of a person; keepAddress leaves the address record, which holds an HMAC
// and no address, because nothing may ever be sent there. A notice of the erasure is made in the
// same transaction; its Person is a fresh id of its own, and [Store.ForgetOneOff] removes it.
//
// Errors: [ErrConflict] if the person's version moved since it was read; then nothing happened.
// After another error the erasure may have begun.
//
// A mark without an address or a word takes the person's place, under the version, and ends what
// was decided before: no reply and no change commits after it; and no claim, for what could be
// claimed goes in the same transaction. The mark stays for some minutes and is found by
// [Store.Erasing], so that an interrupted erasure is taken up again by [Store.FinishErasure].
func (s *Accounts) Erase(ctx context.Context, w Account, keepAddress bool, now time.Time, notice ...mend.OneOff) error {
	p := w.Person
	marker := personKey(p.ID, "PERSON")
	pages := mapped(w.OneOffs, func(o mend.OneOff) string { // of what was to come, which name the person
		return memberOf(pageKey(PageOf(o)))
	})
	writes := []Write{{
		//mutant:worlds version race,slow 0.25
		Op: Put, Key: marker, If: Condition{{"version", Equal, p.Version}},
		Item: Item{
			"status": erasing, "version": p.Version + 1, "addressKey": s.addressKey(p.Address).PK,
			"mailboxKey": s.mailboxKey(p.Address).PK, "keepAddress": keepAddress, "at": millis(now),
			"pages":  strings.Join(pages, "\n"),
			AttrSlot: erasing, AttrMember: memberOf(marker),
		},
	}}
	writes = slices.Concat(writes,
		mapped(w.Subscriptions, func(sub mend.Subscription) Write {
			return Write{Op: Delete, Key: subscriptionKey(p.ID, sub.Number)}
		}),
		mapped(w.OneOffs, func(o mend.OneOff) Write { return cancelWrite(p.ID, o.ID) }))
	if err := s.openPagesOf(ctx, notice...); err != nil {
		return err
	}
	for _, o := range notice {
		w := oneOffWrite(o)
		w.Item[AttrTTL] = o.Due.Add(24 * time.Hour).Unix() // sent or not
		writes = append(writes, w)
	}
	if err := s.transact(ctx, writes); err != nil {
		return fmt.Errorf("begin to erase %s: %w", p.ID, err)
	}
	return s.FinishErasure(ctx, p.ID, now)
}

// Erasing lists the people whose erasure has begun and whose mark still stands, by the index.
func (s *Accounts) Erasing(ctx context.Context) ([]mend.ID, error) {
	ids, err := list(ctx, s.records, Query{Slots: true, Partition: erasing}, time.Time{}, personID)
	return ids, wrap(err, "list the erasures")
}

// FinishErasures does [Store.FinishErasure] for all who are being erased. One that fails keeps no
// other waiting.
func (s *Accounts) FinishErasures(ctx context.Context, now time.Time) error {
	begun, err := s.Erasing(ctx)
	for _, id := range begun {
		err = errors.Join(err, s.FinishErasure(ctx, id, now))
	}
	return err
}

// ErasedAsBlocked reports whether a person was erased some minutes ago and their address blocked.
func (s *Accounts) ErasedAsBlocked(ctx context.Context, id mend.ID) (bool, error) {
	mark, err := s.table.Get(ctx, personKey(id, "PERSON"))
	return mark.text("status") == erasing && mark.flag("keepAddress"), wrap(err, "read the mark of "+string(id))
}

// FinishErasure removes what is left of a person whose erasure was begun, and the mark itself once
// nothing can come after it. It does nothing to a person who is not being erased.
func (s *Accounts) FinishErasure(ctx context.Context, id mend.ID, now time.Time) error {
	marker := personKey(id, "PERSON")
	mark, err := s.table.Get(ctx, marker)
	if err != nil {
		return fmt.Errorf("erase %s: %w", id, err)
	}
	if mark.text("status") != erasing {
		return nil
	}
	if err := s.deleteAll(ctx, ofPerson(id, ""), func(k Key) bool { return k != marker }); err != nil {
		return fmt.Errorf("erase %s: %w", id, err)
	}
	for page := range strings.Lines(mark.text("pages")) {
		pk, sk, _ := strings.Cut(strings.TrimSuffix(page, "\n"), "|") // no partition key has a bar in it
		w := Write{Op: Delete, Key: Key{pk, sk}}
		if err := s.write(ctx, w, "erase a page"); err != nil {
			return err
		}
	}
	if !mark.flag("keepAddress") {
		if box := mark.text("mailboxKey"); box != "" {
			if err := s.write(ctx, Write{Op: Delete, Key: Key{box, "-"}}, "erase a mailbox"); err != nil {
				return err
			}
		}
		err := IgnoreConflict(s.write(ctx, Write{ // gone already, blocked, or another person's by now
			//mutant:worlds person race,slow,crash 0.05
			//mutant:kept blocked only someone who says "not me" in the second in which they erase themselves needs it
			//mutant:kept bounced the same, of a bounce
			Op: Delete, Key: Key{mark.text("addressKey"), "-"}, If: Condition{{"person", Equal, string(id)},
				{"blocked", Equal, false}, {"bounced", Equal, false}},
		}, "erase an address"))
		if err != nil {
			return err
		}
	}
	if now.Sub(mark.instant("at")) < stragglers {
		return nil
	}
	return s.write(ctx, Write{Op: Delete, Key: marker}, "erase "+string(id))
}
