package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"example.org/mend/shared/person"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/embedded"
	"example.org/mend/shared/store/limits"
	"example.org/mend/shared/token"
)

// tableReads counts what a tick and the sending of its pages ask the table for.
type tableReads struct {
	store.Table
	requests, items atomic.Int64
	bytes           atomic.Int64
}

func (r *tableReads) note(items ...store.Item) {
	r.requests.Add(1)
	for _, it := range items {
		if it != nil {
			r.items.Add(1)
			r.bytes.Add(int64(limits.Size(it)))
		}
	}
}

func (r *tableReads) Get(ctx context.Context, k store.Key) (store.Item, error) {
	it, err := r.Table.Get(ctx, k)
	r.note(it)
	return it, err
}

func (r *tableReads) GetEach(ctx context.Context, ks []store.Key) ([]store.Item, error) {
	items, err := r.Table.GetEach(ctx, ks)
	r.note(items...)
	return items, err
}

func (r *tableReads) Query(ctx context.Context, q store.Query) (store.Page, error) {
	page, err := r.Table.Query(ctx, q)
	r.note(page.Items...)
	return page, err
}

// waiting is a queue whose messages somebody works through.
type waiting struct{ bodies [][]byte }

func (q *waiting) Send(_ context.Context, _ service.QueueName, bodies ...[]byte) error {
	q.bodies = append(q.bodies, bodies...)
	return nil
}

// accepting takes every letter.
type accepting struct{ taken atomic.Int64 }

func (a *accepting) Send(context.Context, service.Outgoing) (string, error) {
	a.taken.Add(1)
	return "1", nil
}

// crowd is so many people, of whom so many are due at one instant; the others at each other quarter-hour of the day.
type crowd struct {
	svc   *service.Service
	table *tableReads
	queue waiting
	post  accepting
	due   time.Time
}

func newCrowd(tb testing.TB, people, due int) *crowd {
	tb.Helper()
	c := &crowd{table: &tableReads{Table: embedded.InMemory().Table()}, due: at("2026-03-02 07:30")}
	cards, err := library()
	if err != nil {
		tb.Fatal(err)
	}
	letters, err := composer()
	if err != nil {
		tb.Fatal(err)
	}
	keys, err := token.NewKeys(token.Key{ID: 1, Secret: [32]byte{7}})
	if err != nil {
		tb.Fatal(err)
	}
	c.svc = &service.Service{
		Store: store.New(c.table, []byte("secret")), Mailer: &c.post, Queue: &c.queue, Keys: keys, Library: cards, Letters: letters,
		Site: site, ReplyDomain: replyDomain, Now: func() time.Time { return c.due.Add(time.Minute) }, Rand: rand.NewChaCha8([32]byte{1}), Log: slog.New(slog.DiscardHandler),
	}
	for i := range people {
		hour := person.TimeOfDay(7*60 + 30)
		if i >= due {
			hour = person.TimeOfDay((7*60 + 45 + i%95*15) % (24 * 60))
		}
		p := person.Person{ID: numbered(i), Address: person.StoredAddress(fmt.Sprintf("user%d@example.test", i)), Status: person.Active, Zone: "Europe/Berlin"}
		_, err := c.svc.Store.Commit(tb.Context(), store.Change{Person: p, Subscriptions: []person.Subscription{{
			Person: p.ID, Number: person.CheckInNumber, Kind: person.CheckIn, Status: person.Active, Address: p.Address, Privacy: person.NoQuotes,
			Cadence: person.Cadence{Kind: person.Daily, Time: hour, Zone: p.Zone}, Path: "amends", FirstDate: person.Date{Year: 2026, Month: time.March, Day: 2},
		}}})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return c
}

// numbered is the id of the n-th person: sixteen letters.
func numbered(n int) person.ID {
	id := []byte("aaaaaaaaaaaaaaaa")
	for i := len(id) - 1; n > 0; i, n = i-1, n/26 {
		id[i] = byte('a' + n%26)
	}
	return person.ID(id)
}

// send runs the tick and works through its pages; most is the longest that the queue was, and the most bytes that were
// in use after a page.
func (c *crowd) send(tb testing.TB) (most int, heap uint64) {
	tb.Helper()
	c.table.requests.Store(0)
	c.table.items.Store(0)
	c.table.bytes.Store(0)
	if err := c.svc.Tick(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	for n := 0; len(c.queue.bodies) > 0; n++ {
		most = max(most, len(c.queue.bodies))
		body := c.queue.bodies[0]
		c.queue.bodies = c.queue.bodies[1:]
		var work service.Work
		if err := json.Unmarshal(body, &work); err != nil {
			tb.Fatal(err)
		}
		if err := c.svc.Do(tb.Context(), work); err != nil {
			tb.Fatal(err)
		}
		if n%500 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap = max(heap, m.HeapInuse)
		}
	}
	return most, heap
}

// What a slot costs grows with who is due in it, not with who is subscribed.
func TestReadsFollowWhoIsDue(t *testing.T) {
	const due = 1000
	var first [3]int64
	for i, people := range []int{10_000, 100_000} {
		if i > 0 && testing.Short() {
			people = 30_000
		}
		c := newCrowd(t, people, due)
		c.send(t)
		if got := c.post.taken.Load(); got != due {
			t.Fatalf("%d people: %d letters, want %d", people, got, due)
		}
		got := [3]int64{c.table.requests.Load(), c.table.items.Load(), c.table.bytes.Load()}
		if i == 0 {
			first = got
		} else if got != first {
			t.Errorf("%d people, of whom %d are due: requests, items and bytes read %v, want the %v of 10,000", people, due, got, first)
		}
	}
}

func BenchmarkThousandDue(b *testing.B) {
	for _, people := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint("of ", people), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := newCrowd(b, people, 1000)
				runtime.GC()
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				b.StartTimer()
				c.send(b)
				b.StopTimer()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(c.table.requests.Load()), "reads")
				b.ReportMetric(float64(c.table.items.Load()), "items")
				b.ReportMetric(float64(c.table.bytes.Load())/4096, "4KB-units")
				b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/1e6, "MB-allocated")
				b.StartTimer()
			}
		})
	}
}

// A slot of many goes through pages; what is waiting in the queue stays short.
func BenchmarkManyDueAtOnce(b *testing.B) {
	for _, people := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := newCrowd(b, people, people)
				runtime.GC()
				var before runtime.MemStats
				runtime.ReadMemStats(&before)
				b.StartTimer()
				most, heap := c.send(b)
				if got := c.post.taken.Load(); got != int64(people) {
					b.Fatalf("%d letters, want %d", got, people)
				}
				b.ReportMetric(float64(most), "messages-waiting")
				b.ReportMetric(float64(heap)/1e6, "MB-in-use")
				b.ReportMetric(float64(before.HeapInuse)/1e6, "MB-table")
			}
		})
	}
}
