package simulation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/reply"
	"example.org/mend/functions/web"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// follow is the press of a button on the page behind a letter's link, and what its form
// says beside.
func (s *somebody) follow(
	what, page string, purpose token.Purpose, l *mailed, thing mend.ItemID, form url.Values, done func(),
) {
	// A link that ends with its answer says it again, and the first press may not have been heard.
	answers := purpose == token.AddressChange || purpose == token.AddressCancel || purpose == token.NotMe
	link := page + string(l.person) + string(thing) // the letter may have come twice
	ended := s.world.epoch(l.person) != l.epoch && !(answers && s.world.pressed[link])
	s.world.pressed[link] = true
	s.press(what, page, token.Claims{
		Purpose: purpose, Person: l.person, Thing: thing, Epoch: l.epoch, Date: l.of.Date,
		Expires: time.Unix(0, l.at).Add(purpose.Lifetime()).UTC().Truncate(time.Second),
	}, form, func() {
		if ended {
			s.world.check.broken(8, "%s: a link of an epoch of %s that has ended worked", what, l.person)
		}
		if done != nil {
			done()
		}
	})
}

// press sends the form of a page behind a link.
func (s *somebody) press(what, page string, claims token.Claims, form url.Values, done func()) {
	s.browse(what, func() (events.APIGatewayV2HTTPRequest, error) {
		text, err := s.world.rig.svc.Keys.Sign(claims)
		return request(http.MethodPost, page+text, "", form), err
	}, done)
}

// request is what API Gateway makes of a browser's, with the session that its cookie names.
func request(method, path, session string, form url.Values) events.APIGatewayV2HTTPRequest {
	r := must(http.NewRequest(method, site+path, nil))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if session != "" {
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: session})
	}
	return web.ToEvent(r, []byte(form.Encode()))
}

const sessionCookie = "__Host-mend"

// browse asks the web handler, and keeps the cookie of a session that the answer opens.
func (s *somebody) browse(what string, ask func() (events.APIGatewayV2HTTPRequest, error), done func()) {
	s.do(what, func(ctx context.Context) error {
		asked, err := ask()
		if err != nil {
			return err
		}
		answer, err := s.world.rig.web.Handle(ctx, asked)
		if s.world.current.dying { // the handler makes a page of every panic
			panic(crash{})
		}
		for _, cookie := range answer.Cookies {
			if value, ours := strings.CutPrefix(cookie, sessionCookie+"="); ours {
				s.session, _, _ = strings.Cut(value, ";")
			}
		}
		switch {
		case err != nil:
			return err
		case answer.StatusCode == http.StatusConflict || answer.StatusCode >= 500:
			return errSorry
		case answer.StatusCode >= 400:
			return &mend.Error{Code: mend.Invalid}
		}
		return nil
	}, done)
}

// errSorry is a page that asks to try again.
var errSorry = errors.New("a page that says sorry")

func (s *somebody) confirm(l *mailed) {
	s.follow("confirm", "/confirm/", token.Confirm, l, l.of.OneOff, nil, func() {
		s.beenHere(l.person)
		s.afterAll()
	})
}

func (s *somebody) notMe(l *mailed) {
	s.follow("not me", "/notme/", token.NotMe, l, l.of.OneOff, nil, nil)
}

func (s *somebody) moveYes(l *mailed) {
	s.follow("yes to the new address", "/address/yes/", token.AddressChange, l, l.of.OneOff, nil, func() {
		if s.other == l.to {
			s.address, s.other = s.other, s.address
		}
	})
}

func (s *somebody) moveNo(l *mailed) {
	s.follow("no to the new address", "/address/no/", token.AddressChange, l, l.of.OneOff, nil, nil)
}

func (s *somebody) keepAddress(l *mailed) {
	s.follow("keep the old address", "/address/keep/", token.AddressCancel, l, l.about, nil, nil)
}

// signIn uses a link, which works once; some press it twice.
func (s *somebody) signIn(l *mailed) {
	w, opened := s.world, 0
	press := func() {
		s.follow("sign in", "/signin/", token.SignIn, l, l.of.OneOff, nil, func() {
			if opened++; opened > 1 {
				w.check.broken(8, "the sign-in link %s of %s worked twice", l.of.OneOff, l.person)
			}
			s.browse("look at the journal", func() (events.APIGatewayV2HTTPRequest, error) {
				return request(http.MethodGet, "/journal", s.session, nil), nil
			}, nil)
		})
	}
	press()
	if w.rng.IntN(3) == 0 {
		press()
	}
}

// signInMeanwhile uses a sign-in link, now and then just while something else ends it.
func signInMeanwhile(s *somebody, l *mailed) {
	switch moving := s.moving; {
	case moving != nil:
		s.moving = nil
		s.moveYes(moving)
	case s.world.rng.IntN(10) == 0:
		s.signOutEverywhere()
	}
	s.signIn(l)
}

func (s *somebody) answerOnPage(l *mailed) {
	w := s.world
	form := url.Values{"answer": {[]string{"kept", "not-yet", "let-go"}[w.rng.IntN(3)]}}
	if form.Get("answer") == "not-yet" && w.rng.IntN(2) == 0 {
		form.Set("due", mend.DateOf(w.Now()).AddDays(1+w.rng.IntN(4)).String())
	}
	w.check.lookedOver(store.Key{PK: "P#" + string(l.person), SK: "PROMISE#" + string(l.of.OneOff)})
	s.follow("answer a promise", "/promise/", token.Promise, l, l.of.OneOff, form, nil)
}

// beenHere makes somebody who has just said yes one who has been here for long, and silent: a year
// has more days than a world. It moves the date of their first check-in back.
func (s *somebody) beenHere(id mend.ID) {
	w := s.world
	if s.since == 0 {
		return
	}
	key := store.Key{PK: "P#" + string(id), SK: "SUB#01"}
	if it := w.table.Peek(key); text(it, "status") == "active" {
		w.edit(key, store.Item{
			"firstDate": date(it, "firstDate").AddDays(-s.since).String(),
			"version":   number(it, "version") + 1,
		})
	}
	s.since = 0
}

// verbs are what people write above their words.
func (s *somebody) verbs(kind mend.Kind, mark string) string {
	rng := s.world.rng
	switch rng.IntN(4) {
	case 0:
		all := []string{
			"STOP", "PAUSE 3 days", "PAUSE 1 week", "RESUME", "SKIP", "WEEKLY", "DAILY", "MONTHLY", "WEEKDAYS",
			"FORTNIGHTLY", "4", "NOT FOR ME",
			"PAUSE 3", "SKIP 2", "PROMISE", "He shouted:\r\nstop it", // of which we ask what they mean
		}
		return all[rng.IntN(len(all))]
	case 1:
		return "PROMISE call them " + mark + " by " + []string{"today", "tomorrow", "friday", "whenever"}[rng.IntN(4)]
	case 2:
		switch kind {
		case mend.Reminder:
			return []string{"SNOOZE 2h", "SNOOZE tomorrow", "SNOOZE"}[rng.IntN(3)]
		case mend.PromiseKind:
			return []string{"KEPT", "NOT YET", "NOT YET tomorrow", "LET GO"}[rng.IntN(4)]
		}
	}
	return ""
}

// reply writes back, or somebody else does, or a machine.
func (s *somebody) reply(l *mailed) {
	w := s.world
	if w.healed {
		return
	}
	to, err := w.rig.svc.Keys.ReplyAddress(token.Claims{
		Person:       l.person,
		Thing:        l.of.OneOff,
		Subscription: l.of.Subscription,
		Epoch:        l.epoch,
		Date:         l.of.Date,
	}, w.rig.svc.ReplyDomain)
	if err != nil {
		panic(err)
	}
	words := s.mark("A quiet day.")
	r := &wroteBack{by: l.person, mark: markIn(words), flagged: w.epoch(l.person) != l.epoch}
	receipt := passed(to)
	from := s.address
	switch w.rng.IntN(30) {
	case 0, 1:
		r.automatic = true
	case 2:
		receipt.DMARCVerdict.Status, r.flagged = "FAIL", true
	case 3:
		receipt.DMARCVerdict.Status, r.flagged = "GRAY", true
	case 4:
		receipt.SpamVerdict.Status, r.flagged = "FAIL", true
	case 5:
		from, r.flagged = "somebody.else@example.test", true
	case 6:
		receipt.VirusVerdict.Status, r.dropped = "FAIL", true
	}
	lines := words
	if verb := s.verbs(l.kind, r.mark); verb != "" {
		lines = verb + "\r\n" + words
	}
	var raw strings.Builder
	fmt.Fprintf(&raw, "From: <%s>\r\nTo: <%s>\r\nSubject: Re: hello\r\nMessage-ID: <%s@example.test>\r\nDate: %s\r\n",
		from, to, r.mark, w.Now().Format(time.RFC1123Z))
	sender := from
	switch {
	case r.automatic && w.rng.IntN(2) == 0: // some responders say so in the envelope alone
		sender = ""
	case r.automatic:
		raw.WriteString("Auto-Submitted: auto-replied\r\n")
	}
	raw.WriteString("Content-Type: text/plain; charset=utf-8\r\n\r\n" + lines +
		"\r\n\r\nOn Monday, Mend wrote:\r\n> What went well?\r\n")
	w.check.wroteBack(r)
	// with their answer, if it is one
	w.check.lookedOver(store.Key{PK: "P#" + string(l.person), SK: "PROMISE#" + string(l.of.OneOff)})
	if !r.automatic && !r.dropped {
		w.counts.RepliesIn++
	}
	s.arrives(raw.String(), sender, receipt)
	if w.rng.IntN(8) == 0 { // SES says that copies may arrive twice
		w.after(w.between(0, 10*time.Minute), func() { s.arrives(raw.String(), sender, receipt) })
	}
}

// passed is what SES says of a mail in which it finds nothing wrong.
func passed(to string) events.SimpleEmailReceipt {
	pass := events.SimpleEmailVerdict{Status: "PASS"}
	return events.SimpleEmailReceipt{
		Recipients:   []string{to},
		SpamVerdict:  pass,
		VirusVerdict: pass,
		DMARCVerdict: pass,
	}
}

// arrives is a mail that reaches the mail exchanger.
func (s *somebody) arrives(raw, sender string, receipt events.SimpleEmailReceipt) {
	w := s.world
	w.numbers++
	key := fmt.Sprintf("raw/%d", w.numbers)
	w.blobs.kept[key] = []byte(raw)
	receipt.Timestamp, receipt.Action = w.Now(), events.SimpleEmailReceiptAction{Type: "S3", ObjectKey: key}
	n := reply.Notification{NotificationType: "Received"}
	n.Receipt, n.Mail.Source = receipt, &sender
	text, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	w.table.meter.received(string(text))
	w.queues["receipt"].notify(string(text))
}
