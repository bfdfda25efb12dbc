package service_test

import (
	"testing"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
)

func TestComplaintsAndPermanentBouncesEndAllLetters(t *testing.T) {
	for name, test := range map[string]struct {
		event service.Event
		want  mend.Status
	}{
		"a complaint":        {service.Event{Kind: service.Complained}, mend.Suppressed},
		"a permanent bounce": {service.Event{Kind: service.Bounced, Permanent: true}, mend.Suppressed},
		"a transient bounce": {service.Event{Kind: service.Bounced}, mend.Active},
		"a delivery":         {service.Event{Kind: service.Delivered}, mend.Active},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2026-03-02 09:00")
			id := w.active()
			w.until("2026-03-03 08:00")
			test.event.Occurrence, test.event.At = w.last(mend.CheckIn).Occurrence, w.now
			for range 2 { // events come more than once
				w.do(w.svc.Feedback(t.Context(), test.event))
			}
			if got := w.load(id).Person.Status; got != test.want {
				t.Errorf("status: %s, want %s", got, test.want)
			}
			if delivered := w.record(id, checkIn("2026-03-03")).Delivered; delivered.IsZero() != (test.event.Kind != service.Delivered) {
				t.Errorf("delivered: %s", delivered)
			}
			before := len(w.letters())
			w.until("2026-03-04 08:00")
			if got := len(w.letters()) - before; (got == 0) != (test.want == mend.Suppressed) {
				t.Errorf("letters on the next day: %d", got)
			}
			w.join()
			w.do(w.svc.RequestSignIn(t.Context(), annMail))
			w.drain()
			if got := len(w.letters()) - before; test.want == mend.Suppressed && got != 0 {
				t.Errorf("letters after joining again: %d", got)
			}
		})
	}
}

func TestAnEventAboutALetterThatIsNotOursIsLeft(t *testing.T) {
	w := newWorld(t, "2026-03-02 09:00")
	for _, occurrence := range []string{
		"", "a-b", "aaaaaaaaaaaaaaaa-20260302-1x", "aaaaaaaaaaaaaaaa-20260302-00", "aaaaaaaaaaaaaaaa-20261302-01",
		"aaaaaaaaaaaaaaaa-20260302-01", "aaaaaaaaaaaaaaaa-20260302-bbbbbbbb",
	} {
		for _, kind := range []service.EventKind{service.Sent, service.Delivered, service.Bounced, service.Complained} {
			if err := w.svc.Feedback(t.Context(), service.Event{Kind: kind, Occurrence: occurrence, Permanent: true, At: w.now}); err != nil {
				t.Errorf("%s of %q: %v", kind, occurrence, err)
			}
		}
	}
	if items := w.items("P#aaaaaaaaaaaaaaaa"); len(items) != 0 {
		t.Errorf("an event made %v", items)
	}
	if err := w.svc.Feedback(t.Context(), service.Event{Kind: "opened", Occurrence: "aaaaaaaaaaaaaaaa-20260302-01"}); err == nil {
		t.Error("an event of a kind that there is not: no error")
	}
}

func TestTheNameOfALetterReadsBack(t *testing.T) {
	for _, of := range []mend.LetterKey{
		checkIn("2026-03-02"), {Date: day("2026-12-31"), Subscription: 99}, {Date: day("2026-03-02"), OneOff: "abcdefg2"},
	} {
		name := service.Occurrence("aaaaaaaaaaaaaaaa", of)
		id, got, err := service.ParseOccurrence(name)
		if err != nil || id != "aaaaaaaaaaaaaaaa" || got != of {
			t.Errorf("%q: got %s %+v %v, want %+v", name, id, got, err, of)
		}
	}
}
