// Package receive takes the mails that people send: it tells whose reply a mail is, reads it, and
// hands it to the journal. Only the function that reads mail links it.
package receive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"example.org/mend/content"
	"example.org/mend/shared/account"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/digest"
	"example.org/mend/shared/inbox"
	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/journal"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// Service takes mails.
type Service struct {
	*change.Base
	library *content.Library
	letters *letter.Composer
	account *account.Service
	journal *journal.Keeper
}

// New returns it. It needs the raw mails, the keys of reply addresses, the cards, and what letters
// say: that is how it tells a person's own words from the letter that they quote.
func New(b *change.Base, library *content.Library, letters *letter.Composer) *Service {
	return &Service{b, library, letters, account.New(b), journal.NewKeeper(b, library)}
}

// Receipt is what the mail exchanger says about a mail that it took. Whose reply it is and
// what it is worth follows from this, never from headers in the mail.
type Receipt struct {
	Recipients []string // of the SMTP envelope
	RawKey     string   // where the blobs hold the mail
	At         time.Time
	Sender     string // of the SMTP envelope; "" if it is null or not known
	NullSender bool   // the envelope's sender is null: a machine wrote the mail (RFC 3834 section 3.3)
	Spam       Verdict
	Virus      Verdict
	SPF        Verdict
	DKIM       Verdict
	DMARC      Verdict
}

// Verdict is the exchanger's judgement, as SES names it: PASS, FAIL, GRAY,
// PROCESSING_FAILED, DISABLED.
type Verdict string

// The verdicts that make a difference.
const (
	Pass Verdict = "PASS"
	Fail Verdict = "FAIL"
	Gray Verdict = "GRAY" // of DMARC: the domain has no policy
)

// What the mail of a stranger may cost before anything says whose it is.
const (
	mostRecipients = 5                // reply addresses that one mail is kept for; people answer one letter
	readTime       = 20 * time.Second // for reading one mail, for all its recipients together
)

// errSlow is a mail whose reading takes too long. It is delivered again, and ends in the
// dead-letter queue, where an operator finds it.
var errSlow = errors.New("reading the mail takes too long")

// Receive takes a mail for one or more reply addresses, and then deletes its raw text. It may be
// run any number of times for one mail; an error means that it should be delivered again.
func (s *Service) Receive(ctx context.Context, r Receipt) error {
	reading, cancel := context.WithTimeoutCause(ctx, readTime, errSlow)
	defer cancel()
	kept := 0
	for _, recipient := range r.Recipients {
		claims, err := s.ReplyKeys.FromReplyAddress(recipient, s.ReplyDomain, s.Now())
		if err != nil {
			s.Log.InfoContext(ctx, "refused", "reason", err)
			continue
		}
		if r.Virus == Fail {
			s.Log.WarnContext(ctx, "dropped", "person", claims.Person, "reason", "virus")
			continue
		}
		if kept++; kept > mostRecipients {
			s.Log.WarnContext(ctx, "refused", "person", claims.Person, "reason", "one of many reply addresses")
			continue
		}
		if err := s.receive(ctx, reading, r, claims); err != nil {
			return err
		}
	}
	return s.Blobs.Delete(ctx, r.RawKey)
}

// receive keeps a mail for one reply address. What reads the mail ends with reading.
func (s *Service) receive(ctx, reading context.Context, r Receipt, claims token.Claims) error {
	raw, err := s.Blobs.Open(ctx, r.RawKey)
	if errors.Is(err, mend.ErrNoBlob) {
		s.Log.InfoContext(ctx, "done before", "person", claims.Person)
		return nil
	}
	if err != nil {
		return err
	}
	defer raw.Close()
	w, ok, err := s.owner(ctx, claims.Person)
	if err != nil || !ok {
		return err
	}
	answered, err := s.knownLetter(ctx, w, claims)
	if err != nil {
		return err
	}
	read, err := s.readInTime(reading, raw, answered)
	if err != nil {
		return fmt.Errorf("read a mail: %w", err)
	}
	mail := read.mail
	if r.NullSender && mail.Kind.FromPerson() {
		mail.Kind = inbox.Automatic
	}
	if read.stop && !(r.NullSender && mail.Words == "") { // an automatic mail only echoes a subject
		if _, err := s.account.StopAll(ctx, claims.Person); change.IgnoreGone(err) != nil {
			return err
		}
	}
	if !mail.Kind.FromPerson() {
		s.Log.InfoContext(ctx, "not a reply", "person", claims.Person, "kind", mail.Kind)
		return nil
	}
	if mail.Words == "" && !answerPrefix().MatchString(mail.Subject) { // what they wrote may be the subject
		mail.Words = strings.TrimSpace(mail.Subject)
	}
	id := identityOf(mail, read.sum)
	return change.Retry(func() error { return s.keep(ctx, r, claims, mail, id) })
}

// identityOf tells a mail from others, and is the same whenever that mail comes: its Message-ID and
// its text. Some programs give one Message-ID to all that they send, or to a mail that was changed
// and sent again. A mail without one is told by sum, the hash of all of it.
func identityOf(mail inbox.Message, sum []byte) string {
	if mail.MessageID == "" {
		return string(sum)
	}
	text := sha256.New()
	for _, line := range mail.Lines {
		_, _ = io.WriteString(text, strings.TrimSpace(line.Text)+"\n") // a hash takes everything
	}
	return mail.MessageID + "\n" + mail.Subject + "\n" + string(text.Sum(nil))
}

// owner loads the account whose reply it is. It is false for someone who is gone or who never
// confirmed: no words of theirs are kept.
func (s *Service) owner(ctx context.Context, id mend.ID) (w store.Account, ok bool, err error) {
	w, err = s.Store.Load(ctx, id, s.Now())
	if errors.Is(err, store.ErrNotFound) || err == nil && w.Person.Status == mend.Pending {
		s.Log.InfoContext(ctx, "nobody's", "person", id)
		return w, false, nil
	}
	return w, true, err
}

type readMail struct {
	mail inbox.Message
	sum  []byte // the hash of what was read
	stop bool   // it plainly says STOP. That is obeyed from any sender: they held the letter
	err  error
}

// readInTime reads a mail until the context ends. All that looks at a stranger's words does so
// here. A mail that makes the reader panic is one that can't be read: on one machine it must not
// end everything else.
func (s *Service) readInTime(ctx context.Context, raw io.Reader, known inbox.Letter) (readMail, error) {
	done := make(chan readMail, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil { // its text may hold what someone wrote
				done <- readMail{err: fmt.Errorf("a panic of type %T at\n%s", p, debug.Stack())}
			}
		}()
		digest := sha256.New()
		mail, err := inbox.Read(io.TeeReader(readerUntil{ctx, raw}, digest), known)
		stop := err == nil && mail.Stop() == command.StopPlain
		done <- readMail{mail, digest.Sum(nil), stop, err}
	}()
	select {
	case r := <-done:
		return r, r.err
	case <-ctx.Done():
		return readMail{}, context.Cause(ctx)
	}
}

// readerUntil is a reader that fails once the context has ended.
type readerUntil struct {
	ctx context.Context
	io.Reader
}

func (r readerUntil) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.Reader.Read(p)
}

// answerPrefix is what mail programs put before our subject in an answer: Re:, AW:,
// Antw:, RE[2]:, 回复：…
var answerPrefix = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*\p{L}{1,4}(\[\d+\])?\s?[:：]`)
})

// keep stores a reply once and follows its orders, if it is surely the person's own. The id tells
// it from others. Errors: store.ErrConflict if the person changed meanwhile, or was erased.
func (s *Service) keep(ctx context.Context, r Receipt, claims token.Claims, mail inbox.Message, id string) error {
	w, ok, err := s.owner(ctx, claims.Person)
	if err != nil || !ok {
		return err
	}
	reply := mend.Reply{
		Person: claims.Person, Of: claims.Letter(), Hash: change.Hash(id), At: r.At,
		Date:  mend.DateOf(r.At.In(cadence.StoredZone(w.Person.Zone))),
		Words: mail.Words, Attachments: len(mail.Attachments), AttachmentNames: namesOf(mail.Attachments),
		Flag: flagOf(r, mail, w.Person, claims),
	}
	for _, answer := range mail.Answers {
		reply.Answers = append(reply.Answers, mend.Answer(answer))
	}
	kept, err := s.journal.Keep(ctx, w, reply)
	if err != nil || !kept || reply.Flag == mend.NotFlagged {
		return err
	}
	if claims.Epoch != w.Person.Epoch && !saysItIsTheirs(mail, w.Person) {
		return nil // a reader of the mailbox that the person left can't make us write to the new one
	}
	return s.account.WarnHeld(ctx, w.Person.ID)
}

// namesOf is the names of the first ten attachments that have one, each on one line and
// at most 100 characters.
func namesOf(attachments []inbox.Attachment) []string {
	var names []string
	for _, a := range attachments {
		name := strings.Join(strings.Fields(a.Name), " ")
		if name == "" || len(names) == 10 {
			continue
		}
		names = append(names, digest.Cut(name, 100))
	}
	return names
}
