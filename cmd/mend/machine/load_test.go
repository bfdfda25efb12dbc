package machine

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	bolt "go.etcd.io/bbolt"

	"example.org/mend/functions/dispatch"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// crowd puts people into the file whose check-in is due at 7:30 on the first day.
func crowd(tb testing.TB, m *Machine, n int) {
	tb.Helper()
	var all sync.WaitGroup
	next := make(chan int)
	for range 64 { // who come at once share a commit
		all.Go(func() {
			for i := range next {
				if err := m.svc.Store.Commit(tb.Context(), inCrowd(i)); err != nil {
					tb.Errorf("person %d: %v", i, err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}

// inCrowd is one of them. The id of sixteen a is that of no one.
func inCrowd(i int) store.Transaction {
	id := []byte("aaaaaaaaaaaaaaaa")
	for at, n := len(id)-1, i+1; n > 0; at, n = at-1, n/26 {
		id[at] = byte('a' + n%26)
	}
	p := mend.Person{
		ID: mend.ID(id), Address: mend.StoredAddress(fmt.Sprintf("user%d@example.test", i)), Name: "Alexandra",
		Status: mend.Active, Zone: "UTC", Locale: "en", Privacy: mend.NoQuotes, Retention: mend.KeepForGood,
		Created: start.AddDate(0, -1, 0),
	}
	return store.Transaction{Person: p, Subscriptions: []mend.Subscription{{
		Person: p.ID, Number: mend.CheckInNumber, Kind: mend.CheckIn, Status: mend.Active, Address: p.Address,
		Name: p.Name, Privacy: p.Privacy,
		Cadence: mend.Cadence{Kind: mend.Daily, Time: mend.TimeOfDay(7*60 + 30), Zone: "UTC"}, Path: "amends",
		FirstDate: mend.DateOf(start),
	}}}
}

func joinForm(address string) url.Values {
	return url.Values{
		"email": {address}, "path": {"amends"}, "cadence": {"daily"}, "time": {"07:30"}, "zone": {"UTC"},
		"consent": {"on"}, "adult": {"on"},
	}
}

// While letters wait, the site answers and a confirmation goes ahead of them: as the clock
// moves, and at the start.
func TestNoRequestWaitsForTheBacklog(t *testing.T) {
	for _, name := range []string{"as the clock moves", "at the start"} {
		t.Run(name, func(t *testing.T) {
			m, err := Open(t.Context(), config(t))
			if err != nil {
				t.Fatal(err)
			}
			crowd(t, m, 60)
			begun, release := make(chan struct{}, 100), make(chan struct{})
			send := m.handlers[local.SendQueue]
			m.handlers[local.SendQueue] = func(
				ctx context.Context, e events.SQSEvent,
			) (events.SQSEventResponse, error) {
				begun <- struct{}{}
				<-release
				return send(ctx, e)
			}
			done := make(chan error, 1)
			if name == "at the start" {
				for _, at := range []time.Time{start, start.Add(2 * time.Hour)} {
					m.Clock.Jump(at)
					if err := dispatch.Handle(t.Context(), m.svc.Dispatch, m.scheduled()); err != nil {
						t.Fatal(err)
					}
				}
				done <- nil
			}
			runOpened(t, m)
			if name != "at the start" {
				go func() {
					_, err := m.advance(context.WithoutCancel(t.Context()), start.Add(2*time.Hour))
					done <- err
				}()
			}
			<-begun // the first letters of the schedule wait

			submit(t, m, "/join", joinForm("ann@example.test"))
			got, err := m.Mailbox.Page(t.Context(), "", 10)
			if err != nil || len(got) != 1 || got[0].To != "ann@example.test" {
				t.Errorf("got %v, %v while the others wait, want the confirmation alone", got, err)
			}
			close(release)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			m.working.Lock() // where the machine works through it, that is over now
			m.settleLocked(t.Context(), false)
			m.working.Unlock()
			if got := len(letters(t, m)); got != 61 {
				t.Errorf("got %d letters in the end, want 61", got)
			}
		})
	}
}

// BenchmarkSiteDuringADrain measures how long requests take while letters go out:
// go test ./cmd/mend/machine -run '^$' -bench SiteDuringADrain -benchtime 100000x
func BenchmarkSiteDuringADrain(b *testing.B) {
	cfg := config(b)
	m, err := Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	crowd(b, m, b.N)
	runOpened(b, m)
	b.ResetTimer()
	drained := make(chan error, 1)
	began := time.Now()
	go func() {
		_, err := m.advance(context.WithoutCancel(b.Context()), start.Add(2*time.Hour))
		drained <- err
	}()
	var reads, joins []time.Duration
	for running := true; running; {
		select {
		case err := <-drained:
			if err != nil {
				b.Error(err)
			}
			running = false
		default:
			reads = append(reads, timed(b, func() (*http.Response, error) { return http.Get(m.SiteURL() + "/") }))
			if len(reads)%10 == 0 {
				form := joinForm(fmt.Sprintf("ann%d@example.test", len(reads)))
				joins = append(joins,
					timed(b, func() (*http.Response, error) { return http.PostForm(m.SiteURL()+"/join", form) }))
			}
			time.Sleep(5 * time.Millisecond) // a visitor's pause, not a wait for something
		}
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "letters/s")
	for name, all := range map[string][]time.Duration{"read": reads, "join": joins} {
		if slices.Sort(all); len(all) > 0 {
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, name+"-p99-ms")
			b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, name+"-p50-ms")
		}
	}
}

func timed(b *testing.B, ask func() (*http.Response, error)) time.Duration {
	began := time.Now()
	answer, err := ask()
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// A person who joins waits for a few writes of the disk, their confirmation in the
// mailbox included.
func TestJoinTakesFewCommits(t *testing.T) {
	m := open(t)
	m.Clock.Jump(start.Add(time.Second))
	submit(t, m, "/join", joinForm("first@example.test")) // it also registers this quarter-hour
	m.Clock.Jump(start.Add(2 * time.Second))
	before := commits(t, m)
	submit(t, m, "/join", joinForm("ann@example.test"))
	if got, err := m.Mailbox.Page(t.Context(), "", 10); err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v, want two confirmations", got, err)
	}
	if got := commits(t, m) - before; got > 4 { // the count, the page, the person, the letter with its record
		t.Errorf("got %d commits, want at most 4", got)
	}
}

// A chunk of letters and their records share a transaction: two for 25 letters, and a
// few for their page.
func TestChunkOfLettersIsOneTransaction(t *testing.T) {
	m, err := Open(t.Context(), config(t))
	if err != nil {
		t.Fatal(err)
	}
	const people = 500
	crowd(t, m, people)
	runOpened(t, m)
	before := commits(t, m)
	if sent, err := m.advance(t.Context(), start.Add(2*time.Hour)); err != nil || sent != people {
		t.Fatalf("%d letters, %v, want %d", sent, err, people)
	}
	if got := commits(t, m) - before; got > people/5 {
		t.Errorf("got %d commits for %d letters, want at most %d", got, people, people/5)
	} else {
		t.Logf("%d commits for %d letters", got, people)
	}
}

// commits is how many transactions the file has seen.
func commits(t *testing.T, m *Machine) (n int) {
	t.Helper()
	err := m.View(t.Context(), func(tx *bolt.Tx) error {
		n = tx.ID()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
