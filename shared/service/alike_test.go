package service_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/feedback"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// traced notes the calls of a table.
type traced struct {
	store.Table
	calls *[]string
}

func (t traced) note(call string) { *t.calls = append(*t.calls, call) }

func (t traced) Get(ctx context.Context, key store.Key) (store.Item, error) {
	t.note("get")
	return t.Table.Get(ctx, key)
}

func (t traced) GetEach(ctx context.Context, keys []store.Key) ([]store.Item, error) {
	t.note("get each")
	return t.Table.GetEach(ctx, keys)
}

func (t traced) Query(ctx context.Context, q store.Query) (store.QueryResult, error) {
	t.note("query")
	return t.Table.Query(ctx, q)
}

func (t traced) Write(ctx context.Context, w store.Write) (store.Item, error) {
	t.note("write")
	return t.Table.Write(ctx, w)
}

func (t traced) WriteEach(ctx context.Context, w []store.Write) ([]error, error) {
	t.note("write each")
	return t.Table.WriteEach(ctx, w)
}

func (t traced) Transact(ctx context.Context, w []store.Write) error {
	t.note("transact")
	return t.Table.Transact(ctx, w)
}

// tracedQueue notes what is sent.
type tracedQueue struct {
	mend.Queue
	calls *[]string
}

func (q tracedQueue) Send(ctx context.Context, to mend.QueueName, messages ...mend.Message) error {
	*q.calls = append(*q.calls, fmt.Sprintf("send %d to %s", len(messages), to))
	return q.Queue.Send(ctx, to, messages...)
}

// Whoever asks with a stopwatch learns no more than whoever reads the answer: the same calls of the
// table and the queue, in the samePromise order, for everybody that an address can belong to.
// (Design, invariant 8.)
func TestAsMuchIsDoneForEverybodyWhoeverTheyAre(t *testing.T) {
	newcomer := func(*world) {}
	pending := func(w *world) { w.join() }
	later := func(d time.Duration, before func(*world)) func(*world) {
		return func(w *world) {
			before(w)
			w.now = w.now.Add(d)
		}
	}
	active := func(w *world) { w.active() }
	stopped := func(w *world) {
		id := w.active()
		w.do(w.svc.Account.Stop(w.Context(), account.Access{Person: id}))
	}
	who := map[string]func(*world){
		"nobody":                     newcomer,
		"pending, asked today":       pending,
		"pending, asked yesterday":   later(25*time.Hour, pending),
		"forgotten after seven days": later(8*24*time.Hour, pending),
		"asked three times": func(w *world) {
			for range 3 {
				w.join()
				w.now = w.now.Add(25 * time.Hour)
			}
		},
		"active":              active,
		"active, asked today": func(w *world) { w.active(); w.join() },
		"active, signed in just now": func(w *world) {
			w.active()
			w.do(w.svc.SignIn.RequestSignIn(w.Context(), annMail))
		},
		"stopped":                  stopped,
		"stopped, asked yesterday": later(25*time.Hour, func(w *world) { stopped(w); w.join() }),
		"suppressed": func(w *world) {
			w.active()
			w.do(w.svc.Feedback.Take(w.Context(),
				feedback.Event{Kind: feedback.Complained, Occurrence: w.last(mend.Welcome).Occurrence}))
		},
		"not me": func(w *world) {
			w.join()
			w.do(w.notMe(w.link(w.last(mend.Confirmation), "/notme/")))
		},
		"erased": func(w *world) {
			id := w.active()
			w.do(w.svc.Account.Erase(w.Context(), account.Access{Person: id, SignedIn: true}, "delete"))
		},
	}
	for name, ask := range map[string]func(*world) error{
		"sign up":       func(w *world) error { return signUp(t.Context(), w.svc.SignUp, form()) },
		"sign in":       func(w *world) error { return w.svc.SignIn.RequestSignIn(t.Context(), annMail) },
		"send it again": func(w *world) error { return w.svc.SignUp.AskAgain(t.Context(), annMail) },
	} {
		t.Run(name, func(t *testing.T) {
			alike := map[string][]string{}
			for whoever, become := range who {
				w := newWorld(t, "2026-03-02 09:00")
				become(w)
				w.drain()
				var calls []string
				w.svc.Store = store.New(traced{w.table, &calls}, []byte("the address secret"))
				w.svc.Queue = tracedQueue{w.queue, &calls}
				if err := ask(w); err != nil {
					t.Errorf("%s: %v", whoever, err)
				}
				did := strings.Join(calls, ", ")
				alike[did] = append(alike[did], whoever)
				letters := len(w.letters())
				w.drain()
				if got := len(w.letters()) - letters; got > 1 {
					t.Errorf("%s: %d letters", whoever, got)
				}
			}
			if len(alike) != 1 {
				for did, them := range alike {
					t.Errorf("%s\n\tfor %s", did, strings.Join(them, "; "))
				}
			}
		})
	}
}
