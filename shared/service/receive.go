package service

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"example.org/mend/shared/cadence"
	"example.org/mend/shared/inbox"
	"example.org/mend/shared/person"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// Receipt is what the mail exchanger says about a mail that it took. Whose reply it is and
// what it is worth follows from this, never from headers in the mail.
type Receipt struct {
	Recipients []string // of the SMTP envelope
	RawKey     string   // where the blobs hold the mail
	At         time.Time
	Spam       Verdict
	Virus      Verdict
	DMARC      Verdict
}

// Verdict is the exchanger's judgement, as SES names it: PASS, FAIL, GRAY, PROCESSING_FAILED, DISABLED.
type Verdict string

// The verdicts that make a difference.
const (
	Pass Verdict = "PASS"
	Fail Verdict = "FAIL"
)

// Receive takes a mail for one or more reply addresses. It may be run any number of times for
// one mail; an error means that it should be delivered again. Once a mail is done with, its raw text is deleted.
func (s *Service) Receive(ctx context.Context, r Receipt) error {
	for _, recipient := range r.Recipients {
		claims, err := s.Keys.FromReplyAddress(recipient, s.ReplyDomain, s.Now())
		if err != nil {
			s.Log.InfoContext(ctx, "refused", "reason", err)
			continue
		}
		if r.Virus == Fail {
			s.Log.WarnContext(ctx, "dropped", "person", claims.Person, "reason", "virus")
			continue
		}
		if err := s.receive(ctx, r, claims); err != nil {
			return err
		}
	}
	return s.Blobs.Delete(ctx, r.RawKey)
}

func (s *Service) receive(ctx context.Context, r Receipt, claims token.Claims) error {
	raw, err := s.Blobs.Open(ctx, r.RawKey)
	if errors.Is(err, ErrNoBlob) {
		s.Log.InfoContext(ctx, "done before", "person", claims.Person)
		return nil
	}
	if err != nil {
		return err
	}
	defer raw.Close()
	digest := sha256.New()
	mail, err := inbox.Read(io.TeeReader(raw, digest), inbox.Limits{})
	if err != nil {
		return fmt.Errorf("read a mail: %w", err)
	}
	if err := s.honourStop(ctx, claims, mail); err != nil {
		return err
	}
	if !mail.Kind.FromPerson() {
		s.Log.InfoContext(ctx, "not a reply", "person", claims.Person, "kind", mail.Kind)
		return nil
	}
	w, err := s.Store.Load(ctx, claims.Person, s.Now())
	if errors.Is(err, store.ErrNotFound) {
		s.Log.InfoContext(ctx, "nobody's", "person", claims.Person)
		return nil
	}
	if err != nil {
		return err
	}
	id := mail.MessageID
	if id == "" {
		id = string(digest.Sum(nil)) // of what was read
	}
	return s.keep(ctx, w, claims, mail, arrival{at: r.At, id: id, flag: flagOf(r, mail, w.Person)})
}

// honourStop stops everything if a mail says so, whoever sent it and whatever its verdicts: they held the letter.
func (s *Service) honourStop(ctx context.Context, claims token.Claims, mail inbox.Message) error {
	switch mail.Kind {
	case inbox.Bounce, inbox.Complaint, inbox.ReadReceipt:
		return nil
	}
	text := mail.Words
	if text == "" { // some write it in the subject of an empty mail
		text = mail.Subject
	}
	verbs, _ := inbox.Verbs(text, person.DateOf(s.Now()), inbox.Stop)
	if len(verbs) == 0 {
		return nil
	}
	_, err := s.Stop(ctx, Access{Person: claims.Person})
	var gone *Error
	if errors.As(err, &gone) && gone.Code == Gone {
		return nil
	}
	return err
}

// arrival is what is known of a reply beside its text.
type arrival struct {
	at   time.Time
	id   string
	flag person.ReplyFlag
}

// flagOf says whether a reply has to wait under "was this you?".
func flagOf(r Receipt, mail inbox.Message, p person.Person) person.ReplyFlag {
	if r.Spam == Fail || r.DMARC == Fail {
		return person.Quarantined
	}
	from, err := ParseAddress(mail.From)
	if err != nil || from.Key() != p.Address.Key() || r.DMARC != Pass {
		return person.Unproven
	}
	return person.NotFlagged
}

// keep stores a reply once and follows its verbs, if it is surely the person's own.
func (s *Service) keep(ctx context.Context, w store.Whole, claims token.Claims, mail inbox.Message, a arrival) error {
	zone, err := cadence.Zone(w.Person.Zone)
	if err != nil {
		return err
	}
	hash := sha256.Sum256([]byte(a.id))
	reply := person.Reply{
		Person: claims.Person, Of: person.LetterOf{Date: claims.Date, Subscription: claims.Subscription, OneOff: claims.Thing},
		Hash: idEncoding.EncodeToString(hash[:10]), At: a.at, Date: person.DateOf(a.at.In(zone)),
		Words: mail.Words, Attachments: len(mail.Attachments), Flag: a.flag,
	}
	if there, err := s.Store.HasReply(ctx, reply); err != nil || there {
		return err
	}
	for _, answer := range mail.Answers {
		reply.Answers = append(reply.Answers, person.Answer(answer))
	}
	l, err := s.Store.Letter(ctx, claims.Person, reply.Of)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	reply.Question = l.Question
	kept := store.ReplyKept{Reply: reply}
	if a.flag == person.NotFlagged {
		verbs, rest := inbox.Verbs(mail.Words, reply.Date, verbsFor(l.Kind)...)
		kept.Reply.Words = rest
		if err := s.follow(ctx, w, verbs, &kept); err != nil {
			return err
		}
	}
	switch w.Person.Retention {
	case person.KeepNone:
		kept.Reply.Words, kept.Reply.Answers = "", nil
	case person.Keep90Days:
		kept.Forget = a.at.Add(90 * 24 * time.Hour)
	}
	added, err := s.Store.AddReply(ctx, kept)
	if errors.Is(err, store.ErrNotFound) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	if added {
		s.Log.InfoContext(ctx, "reply kept", "person", reply.Person, "letter", Occurrence(reply.Person, reply.Of), "flag", a.flag)
		s.sendNow(ctx, kept.OneOffs)
	}
	if a.flag == person.Quarantined {
		return s.warn(ctx, w)
	}
	return nil
}

func verbsFor(kind person.Kind) []inbox.VerbName {
	switch kind {
	case person.PromiseKind:
		return inbox.ToPromise
	case person.Reminder:
		return inbox.ToReminder
	}
	return inbox.ToCheckIn
}

// warn tells the confirmed address, once a day at most and without content, that a reply waits to be looked at.
func (s *Service) warn(ctx context.Context, w store.Whole) error {
	record, err := s.Store.Address(ctx, w.Person.Address)
	if err != nil {
		return err
	}
	if w.Person.Status != person.Active || s.Now().Sub(record.LastWarned) < 24*time.Hour {
		return nil
	}
	record.LastWarned = s.Now()
	return ignoreConflict(s.commitAndSend(ctx, store.Change{Person: w.Person, Address: &record}, s.notice(w.Person, "reply-quarantined")))
}
