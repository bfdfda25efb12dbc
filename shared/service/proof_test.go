package service_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/receive"
)

// Without a DMARC policy, the receiving service's own finding about DKIM or SPF is the proof, and
// nothing else that stands in the mail.
func TestADomainWithoutAPolicyIsProvenByDKIMOrSPF(t *testing.T) {
	const top = "Authentication-Results: "
	ses := func(results string) string { return top + "amazonses.com;\r\n " + results + "\r\n" }
	signed := ses("dkim=pass header.d=example.test")
	for name, test := range map[string]struct {
		headers string
		in      incoming
		want    mend.ReplyFlag
	}{
		"as SES writes it": {ses("spf=pass (spfCheck: domain of example.test designates 192.0.2.1 as permitted " +
			"sender) client-ip=192.0.2.1; envelope-from=ann@example.test; helo=mail.example.test;\r\n" +
			" dkim=pass header.i=@example.test;\r\n dmarc=none header.from=example.test;"),
			incoming{sender: annMail}, mend.NotFlagged},
		"DKIM by header.d":              {signed, incoming{}, mend.NotFlagged},
		"DKIM of a subdomain":           {ses("dkim=pass header.d=mail.example.test"), incoming{}, mend.NotFlagged},
		"DKIM in capitals, with spaces": {ses("DKIM = PASS header.d = EXAMPLE.test"), incoming{}, mend.NotFlagged},
		"one of two signatures": {
			ses("dkim=fail header.d=example.test; dkim=pass header.d=example.test"), incoming{}, mend.NotFlagged,
		},
		"SPF by smtp.mailfrom": {
			ses("spf=pass smtp.mailfrom=bounce@mail.example.test"), incoming{sender: "bounce@mail.example.test"},
			mend.NotFlagged,
		},
		"SPF, the envelope alone": {ses("spf=pass"), incoming{sender: annMail}, mend.NotFlagged},
		"nothing":                 {"", incoming{}, mend.Unproven},
		"nothing passes": {
			ses("spf=softfail; dkim=neutral; dmarc=none"), incoming{sender: annMail}, mend.Unproven,
		},
		"DKIM of another domain": {ses("dkim=pass header.d=evil.example"), incoming{}, mend.Unproven},
		"DKIM of a look-alike": {
			ses("dkim=pass header.d=example.test.evil.example"), incoming{}, mend.Unproven,
		},
		"DKIM of a part of the name":  {ses("dkim=pass header.d=ample.test"), incoming{}, mend.Unproven},
		"DKIM of the top":             {ses("dkim=pass header.d=test"), incoming{}, mend.Unproven},
		"DKIM without a domain":       {ses("dkim=pass"), incoming{}, mend.Unproven},
		"DKIM, denied by the receipt": {signed, incoming{dkim: receive.Fail}, mend.Unproven},
		"SPF of another domain": {
			ses("spf=pass smtp.mailfrom=e@evil.example"), incoming{sender: "e@evil.example"}, mend.Unproven,
		},
		"SPF, another envelope": {
			ses("spf=pass smtp.mailfrom=ann@example.test"), incoming{sender: "e@evil.example"}, mend.Unproven,
		},
		"SPF, denied by the receipt": {
			ses("spf=pass smtp.mailfrom=ann@example.test"), incoming{sender: annMail, spf: receive.Fail}, mend.Unproven,
		},
		"another service's": {
			top + "mx.evil.example; dkim=pass header.d=example.test\r\n", incoming{}, mend.Unproven,
		},
		"a service that looks like it": {
			top + "amazonses.com.evil.example; dkim=pass header.d=example.test\r\n", incoming{}, mend.Unproven,
		},
		"a service in a comment": {
			top + "(amazonses.com;) evil.example; dkim=pass header.d=example.test\r\n", incoming{}, mend.Unproven,
		},
		"below the service's own": {ses("dkim=none") + signed, incoming{}, mend.Unproven},
		"below another service's": {top + "other.example; none\r\n" + signed, incoming{}, mend.Unproven},
		"in a comment": {
			ses("dkim=fail (dkim=pass header.d=example.test; dkim=pass header.d=example.test)"), incoming{},
			mend.Unproven,
		},
		"in quotation marks": {
			ses(`spf=fail envelope-from="x; dkim=pass header.d=example.test"@evil.example`), incoming{}, mend.Unproven,
		},
		"in a comment within quotes": {
			ses(`spf=fail (of ")" \) ; dkim=pass header.d=example.test) helo=x`), incoming{}, mend.Unproven,
		},
		"a policy that could not be had": {
			ses("dkim=pass header.d=example.test; dmarc=temperror header.from=example.test"), incoming{}, mend.Unproven,
		},
		"another header's name": {
			"X-Authentication-Results: amazonses.com; dkim=pass header.d=example.test\r\n", incoming{}, mend.Unproven,
		},
		"ARC's": {
			"ARC-Authentication-Results: i=1; amazonses.com; dkim=pass header.d=example.test\r\n", incoming{},
			mend.Unproven,
		},
		"another From":             {signed, incoming{from: "bea@example.test"}, mend.Unproven},
		"spam":                     {signed, incoming{spam: receive.Fail}, mend.Quarantined},
		"DMARC could not be asked": {signed, incoming{dmarc: "PROCESSING_FAILED"}, mend.Unproven},
		"DMARC is switched off":    {signed, incoming{dmarc: "DISABLED"}, mend.Unproven},
	} {
		t.Run(name, func(t *testing.T) {
			w, id, letter := answering(t)
			in := test.in
			if in.headers, in.words = test.headers, "It went well."; in.dmarc == "" {
				in.dmarc = receive.Gray
			}
			w.receive(letter, in)
			replies := w.replies(id)
			if len(replies) != 1 || replies[0].Flag != test.want {
				t.Errorf("got %+v, want one reply with the flag %q", replies, test.want)
			}
		})
	}
}

// Two owners below one public suffix are two owners.
func TestDomainsOfOneHosterDoNotProveEachOther(t *testing.T) {
	const address = "ann@alice.github.io"
	w, id, letter := answering(t, func(f *account.Form) { f.Email = address })
	for domain, want := range map[string]mend.ReplyFlag{
		"bob.github.io":   mend.Unproven,
		"github.io":       mend.Unproven,
		"alice.github.io": mend.NotFlagged,
	} {
		w.receive(letter, incoming{
			from: address, words: domain, dmarc: receive.Gray,
			headers: "Authentication-Results: amazonses.com; dkim=pass header.d=" + domain + "\r\n",
		})
		replies := w.replies(id)
		found := false
		for _, r := range replies {
			found = found || r.Words == domain && r.Flag == want
		}
		if !found {
			t.Errorf("signed by %s: got %+v, want the flag %q", domain, replies, want)
		}
	}
}

// A null sender marks the mail of a machine, whatever else it says. It is no reply and
// causes no mail.
func TestANullSenderIsAMachine(t *testing.T) {
	w, id, letter := answering(t)
	before := len(w.letters())
	for _, in := range []incoming{
		{words: "I am away until Monday."}, {words: "I am away.", dmarc: receive.Fail}, {words: "PAUSE 2 weeks"},
		{words: "Away.", from: "e@evil.example", spam: receive.Fail},
	} {
		in.null = true
		w.receive(letter, in)
	}
	if got := w.replies(id); len(got) != 0 || len(w.letters()) != before {
		t.Errorf("got %d replies and %d letters, want none", len(got), len(w.letters())-before)
	}
}

// endless is a mail that never ends and never says anything more.
type endless struct{ ctx context.Context }

func (e endless) Read([]byte) (int, error) {
	<-e.ctx.Done()
	return 0, io.ErrUnexpectedEOF
}

func (endless) Close() error { return nil }

// hostileBlobs holds one such mail, beside those of others.
type hostileBlobs struct {
	mend.Blobs
	ctx context.Context
}

func (b hostileBlobs) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if strings.HasPrefix(key, "raw/hostile") {
		return endless{b.ctx}, nil
	}
	return b.Blobs.Open(ctx, key)
}

// One mail that takes for ever to read ends by itself, and meanwhile others are read.
func TestAStopIsReadWhileAnotherMailIsBeingRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, id, letter := answering(t)
		w.svc.Blobs = hostileBlobs{w.blobs, t.Context()}
		to := w.replyTo(letter)
		stop := w.arrives(to, incoming{words: "STOP"})
		hostile := stop
		hostile.RawKey, hostile.Recipients = "raw/hostile", []string{to, to, to, to, to, to, to}
		ended := make(chan error, 1)
		began := time.Now()
		go func() { ended <- w.svc.Replies.Receive(t.Context(), hostile) }()
		synctest.Wait() // it is being read
		w.do(w.svc.Replies.Receive(t.Context(), stop))
		if p := get(w.svc.Store.Person(t.Context(), id, w.now))(w); p.Status != mend.Stopped || time.Since(began) != 0 {
			t.Errorf("got %s after %s, want stopped at once", p.Status, time.Since(began))
		}
		if err := <-ended; err == nil || errors.Is(err, context.Canceled) || time.Since(began) > 30*time.Second {
			t.Errorf("the other mail ended after %s with %v, want an error within half a minute, "+
				"however many it is for", time.Since(began), err)
		}
	})
}

// Whoever holds many letters cannot have one mail read for each of them.
func TestAMailIsKeptForFewReplyAddresses(t *testing.T) {
	w, id, _ := answering(t)
	var to []string
	for range 20 {
		w.untilInstant(w.now.Add(24 * time.Hour))
		to = append(to, w.replyTo(w.last(mend.CheckIn)))
	}
	receipt := w.arrives(to[0], incoming{words: "One for all."})
	receipt.Recipients = to
	w.do(w.svc.Replies.Receive(t.Context(), receipt))
	if got := len(w.replies(id)); got != 5 {
		t.Errorf("kept for %d letters, want 5", got)
	}
}
