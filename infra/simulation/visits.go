package simulation

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"example.org/mend/shared/capacity"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

// What check-ins bring with them, measured in the world of [Measure] on the day after.

const (
	someOfThem = 200              // people reply and look at pages
	apart      = 10 * time.Second // so that each is an invocation of its own
)

// goOn lets the world go on without faults.
func (w *world) goOn(d time.Duration) error {
	w.run(w.now + int64(d))
	if w.check.violation != nil {
		return fmt.Errorf("%s", w.check.violation)
	}
	return nil
}

// ownWords are what somebody writes, of the length that many answers have.
const ownWords = "I rang the bell this time instead of writing. We talked for ten minutes about nothing much, " +
	"the boiler and her sister, and I noticed that I did not try to explain myself once. " +
	"It was easier than last week. I will bring the box on Sunday, as I said I would."

// replies is the bill of a thousand replies of some lines, each to the letter of the day before.
func (w *world) replies(n int) (capacity.Bill, error) {
	w.table.meter = &meter{}
	yesterday := mend.DateOf(w.Now()).AddDays(-1)
	for i := range n {
		w.after(time.Duration(i)*apart, func() {
			id := priced(i)
			to := must(w.rig.svc.Keys.ReplyAddress(
				token.Claims{Person: id, Subscription: mend.CheckInNumber, Date: yesterday}, replyDomain,
			))
			somebody := &somebody{world: w}
			words := somebody.mark(ownWords)
			w.check.wroteBack(&wroteBack{by: id, mark: markIn(words)})
			from := pricedAddress(i).Mail()
			raw := fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: Re: hello\r\n"+
				"Message-ID: <%d@example.test>\r\nDate: %s\r\n"+
				"Content-Type: text/plain; charset=utf-8\r\n\r\n"+
				"%s\r\n\r\nOn Tuesday, Mend wrote:\r\n> What went well?\r\n",
				from, to, i, w.Now().Format(time.RFC1123Z), words)
			somebody.arrives(raw, from, passed(to))
		})
	}
	if err := w.goOn(time.Duration(n+1) * apart); err != nil {
		return capacity.Bill{}, err
	}
	if w.counts.RepliesStored != n {
		return capacity.Bill{}, fmt.Errorf("%d of %d replies were kept", w.counts.RepliesStored, n)
	}
	m := *w.table.meter
	m.LambdaDuration += ofAProcessor(replyTakes, dispatchGB) * time.Duration(m.MailIn)
	return m.bill(1e3/float64(n), dispatchGB), nil
}

// pages is the bill of a thousand pages that people look at: one half their settings, behind a
// letter's link, the other their journal, signed in. Each is new to its browser, which asks for the
// style sheet and the script as well.
func (w *world) pages(n int) (capacity.Bill, error) {
	counted := &meter{}
	w.table.meter = counted
	yesterday := mend.DateOf(w.Now()).AddDays(-1)
	var failed error
	var ask func(path, session string)
	ask = func(path, session string) {
		began := w.now
		w.spawn("web", nil, lifetime, func(ctx context.Context) error {
			answer, err := w.rig.web.Handle(ctx, request(http.MethodGet, path, session, nil))
			if err == nil && answer.StatusCode != http.StatusOK {
				err = fmt.Errorf("the page %s: status %d", path, answer.StatusCode)
			}
			for _, asset := range assetIn.FindAllString(answer.Body, -1) {
				w.after(time.Second, func() { ask(asset, "") })
			}
			return err
		}, func(_ bool, err error) {
			counted.API++
			counted.invoked(w.now-began, 0)
			if err != nil {
				failed = err
			}
		})
	}
	for i := range n {
		w.after(time.Duration(i)*apart, func() {
			if i%2 == 0 {
				link := must(w.rig.svc.Keys.Sign(token.Claims{
					Purpose:      token.Preferences,
					Person:       priced(i),
					Subscription: mend.CheckInNumber,
					Date:         yesterday,
				}))
				ask("/preferences/"+link, "")
				return
			}
			w.table.meter = nil // to sign in is a letter, and no part of this
			link := mend.OneOff{
				Person:  priced(i),
				ID:      "signin",
				Address: pricedAddress(i),
				Expires: w.Now().Add(time.Hour),
			}
			secret := strings.Repeat("s", 26)
			err := w.rig.svc.Store.OpenSession(context.Background(), link, 0, secret, w.Now().Add(mend.LongestVisit))
			if err != nil {
				failed = err
			}
			w.table.meter = counted
			ask("/journal", must(w.rig.svc.SignIn.Cookie(link.Person, secret)))
		})
	}
	if err := w.goOn(time.Duration(n+1) * apart); err != nil {
		return capacity.Bill{}, err
	}
	counted.LambdaDuration += ofAProcessor(requestTakes, dispatchGB) * time.Duration(counted.API)
	return counted.bill(1e3/float64(n), dispatchGB), failed
}

var assetIn = regexp.MustCompile(`/assets/[^"]+\.(css|js)`)
