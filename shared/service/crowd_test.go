package service_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/bolttable"
	"example.org/mend/shared/store/dynamolimits"
	"example.org/mend/shared/store/memtable"
	"example.org/mend/shared/token"
)

// counted counts what a tick and the sending of its pages read in the table, and how long the table
// took for all that it was asked for.
type counted struct {
	store.Table
	requests, items, bytes int64
	took                   time.Duration
}

func (t *counted) since(began time.Time) { t.took += time.Since(began) }

func (t *counted) read(items ...store.Item) {
	t.requests++
	for _, it := range items {
		if it != nil {
			t.items++
			t.bytes += int64(dynamolimits.Size(it))
		}
	}
}

func (t *counted) Get(ctx context.Context, k store.Key) (store.Item, error) {
	defer t.since(time.Now())
	it, err := t.Table.Get(ctx, k)
	t.read(it)
	return it, err
}

func (t *counted) GetEach(ctx context.Context, ks []store.Key) ([]store.Item, error) {
	defer t.since(time.Now())
	items, err := t.Table.GetEach(ctx, ks)
	t.read(items...)
	return items, err
}

func (t *counted) Query(ctx context.Context, q store.Query) (store.QueryResult, error) {
	defer t.since(time.Now())
	page, err := t.Table.Query(ctx, q)
	t.read(page.Items...)
	return page, err
}

func (t *counted) Write(ctx context.Context, w store.Write) (store.Item, error) {
	defer t.since(time.Now())
	return t.Table.Write(ctx, w)
}

func (t *counted) WriteEach(ctx context.Context, ws []store.Write) ([]error, error) {
	defer t.since(time.Now())
	return t.Table.WriteEach(ctx, ws)
}

// waiting is a queue whose messages someone works through. They lie where the table does.
type waiting struct {
	file   *bolttable.DB // nil: in memory
	bodies [][]byte
	sent   uint64
	long   int // so many
	most   int // and so many at most
}

var waitingBucket = []byte("waiting")

func (q *waiting) Send(ctx context.Context, _ mend.QueueName, messages ...mend.Message) error {
	q.long += len(messages)
	q.most = max(q.most, q.long)
	if q.file == nil {
		for _, m := range messages {
			q.bodies = append(q.bodies, m.Body)
		}
		return nil
	}
	return q.file.Update(ctx, func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(waitingBucket)
		for _, m := range messages {
			if err == nil {
				q.sent++
				err = b.Put(binary.BigEndian.AppendUint64(nil, q.sent), m.Body)
			}
		}
		return err
	})
}

// take takes the next message off the queue; nil: there is none.
func (q *waiting) take(ctx context.Context) (body []byte, err error) {
	if q.file == nil {
		if len(q.bodies) > 0 {
			body, q.bodies = q.bodies[0], q.bodies[1:]
			q.long--
		}
		return body, nil
	}
	err = q.file.Update(ctx, func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(waitingBucket)
		if err != nil {
			return err
		}
		k, v := b.Cursor().First()
		if k == nil {
			return nil
		}
		q.long--
		body = bytes.Clone(v)
		return b.Delete(bytes.Clone(k))
	})
	return body, err
}

// accepting takes every letter.
type accepting struct{ taken atomic.Int64 }

func (a *accepting) Send(context.Context, mend.Outgoing) (string, error) {
	a.taken.Add(1)
	return "1", nil
}

// crowd is so many people, of whom so many are due at one instant, every so-manieth; the others at
// each other quarter-hour of the day.
type crowd struct {
	svc   *service.Service
	table counted
	file  string // where the table is; empty: in memory
	queue waiting
	post  accepting
	due   time.Time
}

func newCrowd(tb testing.TB, people, due int) *crowd {
	tb.Helper()
	c := &crowd{table: counted{Table: &memtable.Table{}}, due: at("2026-03-02 07:30")}
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
	c.svc = service.New(service.Config{
		Base: change.Base{
			Store: store.New(&c.table, []byte("secret")), Queue: &c.queue, Keys: keys, Site: site,
			ReplyDomain: replyDomain, Now: func() time.Time { return c.due.Add(time.Minute) },
			Rand: rand.NewChaCha8([32]byte{1}), Log: slog.New(slog.DiscardHandler),
		},
		Mailer: &c.post, Library: cards, Letters: letters,
	})
	for i := range people {
		hour := mend.TimeOfDay(7*60 + 30)
		if i%(people/due) != 0 {
			hour = mend.TimeOfDay((7*60 + 45 + i%95*15) % (24 * 60))
		}
		p := mend.Person{
			ID:      numbered(i),
			Address: mend.StoredAddress(fmt.Sprintf("user%07d@example.test", i)),
			Status:  mend.Active,
			Zone:    "Europe/Berlin",
		}
		err := c.svc.Store.Commit(tb.Context(), store.Transaction{Person: p, Subscriptions: []mend.Subscription{{
			Person: p.ID, Number: mend.CheckInNumber, Kind: mend.CheckIn, Status: mend.Active, Address: p.Address,
			Privacy: mend.NoQuotes, Cadence: mend.Cadence{Kind: mend.Daily, Time: hour, Zone: p.Zone}, Path: "amends",
			FirstDate: mend.Date{Year: 2026, Month: time.March, Day: 2},
		}}})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return c
}

// numbered is the id of the n-th person: sixteen letters.
func numbered(n int) mend.ID {
	id := []byte("aaaaaaaaaaaaaaaa")
	for i := len(id) - 1; n > 0; i, n = i-1, n/26 {
		id[i] = byte('a' + n%26)
	}
	return mend.ID(id)
}

// intoFile moves all that the table has from memory into a file, so that what is in use of memory
// is the service's own.
func (c *crowd) intoFile(tb testing.TB) {
	tb.Helper()
	all := c.table.Table.(*memtable.Table).All()
	c.file = filepath.Join(tb.TempDir(), "mend.db")
	c.open(tb)
	tb.Cleanup(func() { _ = c.queue.file.Close() })
	var writers sync.WaitGroup
	chunks := make(chan []store.Item)
	for range 64 { // chunks that come at once share a commit
		writers.Go(func() {
			for chunk := range chunks {
				var writes []store.Write
				for _, it := range chunk {
					writes = append(writes, store.Write{Op: store.Put, Key: it.Key(), Item: it})
				}
				if _, err := c.queue.file.WriteEach(tb.Context(), writes); err != nil {
					tb.Error(err)
				}
			}
		})
	}
	for chunk := range slices.Chunk(all, 25) {
		chunks <- chunk
	}
	close(chunks)
	writers.Wait()
}

func (c *crowd) open(tb testing.TB) {
	tb.Helper()
	db, err := bolttable.Open(c.file, bolttable.Options{NoSync: true})
	if err != nil {
		tb.Fatal(err)
	}
	c.queue.file, c.table.Table = db, db
}

// send runs the tick at the instant that is due, and nothing that came before it, and works through
// its pages. It returns the most memory that the collector found in use.
func (c *crowd) send(tb testing.TB) (heap uint64) {
	tb.Helper()
	was, err := c.svc.Store.Watermark(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	before := store.Watermark{At: c.due.Add(-time.Minute)}
	if err := c.svc.Store.MoveWatermark(tb.Context(), was.At, before); err != nil {
		tb.Fatal(err)
	}
	c.table, c.queue.most = counted{Table: c.table.Table}, 0
	c.post.taken.Store(0)
	if err := c.svc.Dispatch.Tick(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	for page := 1; ; page++ {
		// bbolt keeps in mind each page of the file that it wrote since it was opened
		if c.file != "" && page%500 == 0 {
			if err := c.queue.file.Close(); err != nil {
				tb.Fatal(err)
			}
			c.open(tb)
		}
		body, err := c.queue.take(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		if body == nil {
			return heap
		}
		var page store.Page
		if err := json.Unmarshal(body, &page); err != nil {
			tb.Fatal(err)
		}
		if err := c.svc.Sending.Process(tb.Context(), page); err != nil {
			tb.Fatal(err)
		}
		metrics.Read(live)
		heap = max(heap, live[0].Value.Uint64())
	}
}

// What a slot costs grows with who is due in it, not with who is subscribed.
func TestReadsFollowWhoIsDue(t *testing.T) {
	t.Parallel()
	const due = 1000
	var first [3]int64
	crowds := []int{10_000, 100_000}
	if testing.Short() {
		crowds = []int{2_000, 10_000}
	}
	for i, people := range crowds {
		c := newCrowd(t, people, due)
		c.send(t)
		if got := c.post.taken.Load(); got != due {
			t.Fatalf("%d people: %d letters, want %d", people, got, due)
		}
		got := [3]int64{c.table.requests, c.table.items, c.table.bytes}
		if i == 0 {
			first = got
		} else if got != first {
			t.Errorf("%d people, of whom %d are due: requests, items and bytes read %v, want the %v of %d",
				people, due, got, first, crowds[0])
		}
	}
}

// sizes are how many people there are; what the others take is compared to what the first do.
var sizes = []int{10_000, 100_000, 1_000_000}

// A thousand are due, of more and more people. The crowds take turns, and of several days the
// quickest counts, so that a busy machine does not decide between them. own-ms is what is not the
// table's. In a file the first crowd has an advantage that ends by itself: of ten thousand, several
// of those who are due share a page of the file; of a hundred thousand and of a million, hardly any
// two do.
func BenchmarkThousandDue(b *testing.B) {
	const due, days = 1000, 7
	for _, where := range []string{"memory", "file"} {
		b.Run("table in "+where, func(b *testing.B) {
			crowds := make([]*crowd, len(sizes))
			for i, people := range sizes {
				crowds[i] = newCrowd(b, people, due)
				if where == "file" {
					crowds[i].intoFile(b)
				}
			}
			best := make([]spent, len(sizes))
			for day := range days {
				for i, c := range crowds {
					s := c.day(b, where == "memory")
					if got := c.post.taken.Load(); got != due {
						b.Fatalf("%d people: %d letters, want %d", sizes[i], got, due)
					}
					if day == 0 || s.whole < best[i].whole {
						best[i] = s
					}
				}
			}
			for i, c := range crowds {
				b.Run(fmt.Sprint("of ", sizes[i]), func(b *testing.B) {
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(float64(c.table.requests), "reads")
					b.ReportMetric(float64(c.table.items), "items")
					b.ReportMetric(float64(c.table.bytes)/4096, "4KB-units")
					b.ReportMetric(best[i].whole.Seconds()*1e3, "ms")
					b.ReportMetric(float64(best[i].whole)/float64(best[0].whole), "of-first")
					b.ReportMetric(best[i].own.Seconds()*1e3, "own-ms")
					b.ReportMetric(float64(best[i].own)/float64(best[0].own), "own-of-first")
					if where == "file" {
						b.ReportMetric(float64(best[i].heap)/1e6, "MB-live")
					}
				})
			}
		})
	}
}

// spent is what a day took.
type spent struct {
	whole time.Duration
	own   time.Duration // beside what the table took
	heap  uint64
}

// day lets another day come, and measures it. Where the table itself is in memory, the collector
// does not run meanwhile: it would look through all of the table, as nobody does with DynamoDB.
func (c *crowd) day(b *testing.B, inMemory bool) (s spent) {
	c.due = c.due.Add(48 * time.Hour) // so that nothing of the last one is swept
	runtime.GC()
	runtime.GC() // what the first one found to be nobody's any more
	if inMemory {
		defer debug.SetGCPercent(debug.SetGCPercent(-1))
	}
	began := time.Now()
	s.heap = c.send(b)
	s.whole = time.Since(began)
	s.own = s.whole - c.table.took
	return s
}

// All are due at once, more and more of them. They go through pages, and what is in use of memory
// stays as it is: table and queue are in a file.
func BenchmarkManyDueAtOnce(b *testing.B) {
	for _, people := range sizes {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			c := newCrowd(b, people, people)
			c.intoFile(b)
			s := c.day(b, false)
			if got := c.post.taken.Load(); got != int64(people) {
				b.Fatalf("%d letters, want %d", got, people)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(s.whole.Seconds(), "s")
			b.ReportMetric(s.whole.Seconds()*1e6/float64(people), "µs-a-letter")
			b.ReportMetric(float64(c.queue.most), "messages-waiting")
			b.ReportMetric(float64(s.heap)/1e6, "MB-live")
		})
	}
}
