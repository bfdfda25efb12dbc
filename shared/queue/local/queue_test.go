package local_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/mend/shared/queue/local"
	"example.org/mend/shared/store/embedded"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func send(t *testing.T, q *local.Queue, now time.Time, messages ...local.Message) {
	t.Helper()
	if err := q.Send(t.Context(), now, messages...); err != nil {
		t.Fatal(err)
	}
}

// receive wants these bodies, ten at most, hidden for a minute.
func receive(t *testing.T, q *local.Queue, now time.Time, want ...string) []local.Received {
	t.Helper()
	received, err := q.Receive(t.Context(), now, 10, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range received {
		got = append(got, r.Body)
	}
	if !slices.Equal(got, want) {
		t.Errorf("at %v: got %q, want %q", now.Sub(noon), got, want)
	}
	return received
}

func remove(t *testing.T, q *local.Queue, received ...local.Received) {
	t.Helper()
	for _, r := range received {
		if err := q.Delete(t.Context(), r.Receipt); err != nil {
			t.Fatal(err)
		}
	}
}

func wantNext(t *testing.T, q *local.Queue, want time.Time, wantFound bool) {
	t.Helper()
	got, found, err := q.NextVisible(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if found != wantFound || !got.Equal(want) {
		t.Errorf("next visible: got %v, %v, want %v, %v", got, found, want, wantFound)
	}
}

func TestMessageComesAgainUntilItIsDeleted(t *testing.T) {
	q := local.New(embedded.InMemory(), "send", local.Options{})
	wantNext(t, q, time.Time{}, false)
	send(t, q, noon, local.Message{Body: "a"}, local.Message{Body: "b"})
	wantNext(t, q, noon, true)
	receive(t, q, noon.Add(-1))

	first := receive(t, q, noon, "a", "b")
	if r := first[0]; r.Count != 1 || !r.Sent.Equal(noon) || r.ID == first[1].ID {
		t.Errorf("got %+v", r)
	}
	receive(t, q, noon)
	receive(t, q, noon.Add(time.Minute-1))
	remove(t, q, first[1])
	wantNext(t, q, noon.Add(time.Minute), true)

	second := receive(t, q, noon.Add(time.Minute), "a")
	if r := second[0]; r.Count != 2 || r.ID != first[0].ID || !r.Sent.Equal(noon) {
		t.Errorf("got %+v", r)
	}
	remove(t, q, first[0]) // too late: it was handed out anew
	third := receive(t, q, noon.Add(2*time.Minute), "a")
	remove(t, q, third[0], third[0])
	receive(t, q, noon.Add(time.Hour))
	wantNext(t, q, time.Time{}, false)
}

func TestDelayHidesAMessage(t *testing.T) {
	q := local.New(embedded.InMemory(), "now", local.Options{})
	send(t, q, noon, local.Message{Body: "late", Delay: 15 * time.Minute}, local.Message{Body: "soon", Delay: time.Second})
	receive(t, q, noon)
	wantNext(t, q, noon.Add(time.Second), true)
	remove(t, q, receive(t, q, noon.Add(time.Second), "soon")...)
	receive(t, q, noon.Add(15*time.Minute-1))
	receive(t, q, noon.Add(15*time.Minute), "late")
}

func TestAtMostTenAtOnce(t *testing.T) {
	q := local.New(embedded.InMemory(), "send", local.Options{})
	var all []string
	for i := range 25 {
		all = append(all, fmt.Sprint(i))
		send(t, q, noon, local.Message{Body: all[i]})
	}
	receive(t, q, noon, all[:10]...)
	receive(t, q, noon, all[10:20]...)
	receive(t, q, noon, all[20:]...)
	receive(t, q, noon)
	if received, err := q.Receive(t.Context(), noon.Add(time.Minute), 3, time.Minute); err != nil || len(received) != 3 {
		t.Errorf("got %v, %v, want 3", received, err)
	}
}

func TestPoisonGoesToTheDeadLettersAndComesBack(t *testing.T) {
	db := embedded.InMemory()
	q, now := local.New(db, "reply", local.Options{MaxReceive: 3}), noon
	send(t, q, now, local.Message{Body: "poison"}, local.Message{Body: "fine"})
	remove(t, q, receive(t, q, now, "poison", "fine")[1])
	for range 2 {
		now = now.Add(time.Minute)
		receive(t, q, now, "poison")
	}
	if dead, err := q.Dead(t.Context()); err != nil || len(dead) != 0 {
		t.Errorf("got dead %v, %v, want none before the fourth time", dead, err)
	}
	now = now.Add(time.Minute)
	send(t, q, now, local.Message{Body: "behind it"})
	remove(t, q, receive(t, q, now, "behind it")...) // the dead one takes nobody's place
	dead, err := q.Dead(t.Context())
	if err != nil || len(dead) != 1 || dead[0].Body != "poison" || dead[0].Count != 3 || !dead[0].Sent.Equal(noon) {
		t.Fatalf("got dead %+v, %v", dead, err)
	}
	wantNext(t, q, time.Time{}, false)

	for _, want := range []int{1, 0} {
		if n, err := q.Redrive(t.Context(), now); err != nil || n != want {
			t.Errorf("redriven: got %d, %v, want %d", n, err, want)
		}
	}
	if dead, err := q.Dead(t.Context()); err != nil || len(dead) != 0 {
		t.Errorf("after redriving: got dead %v, %v", dead, err)
	}
	if again := receive(t, q, now, "poison"); again[0].Count != 1 || again[0].ID != dead[0].ID {
		t.Errorf("after redriving: got %+v", again[0])
	}
}

func TestQueuesAreApart(t *testing.T) {
	db := embedded.InMemory()
	send1, now1 := local.New(db, "send", local.Options{}), local.New(db, "now", local.Options{})
	send(t, send1, noon, local.Message{Body: "a"})
	send(t, now1, noon, local.Message{Body: "b"})
	remove(t, now1, receive(t, now1, noon, "b")...)
	receive(t, send1, noon, "a")
}

func TestWhatSQSRefusesIsRefused(t *testing.T) {
	q := local.New(embedded.InMemory(), "send", local.Options{})
	for name, m := range map[string]local.Message{
		"an empty body":          {},
		"a body over 1 MiB":      {Body: strings.Repeat("x", 1<<20+1)},
		"a body that is no text": {Body: "\xff"},
		"a long delay":           {Body: "x", Delay: 15*time.Minute + 1},
		"a delay into the past":  {Body: "x", Delay: -1},
	} {
		if err := q.Send(t.Context(), noon, local.Message{Body: "beside it"}, m); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	receive(t, q, noon.Add(time.Hour)) // none of those beside them either
	for _, atOnce := range []int{0, 11} {
		if _, err := q.Receive(t.Context(), noon, atOnce, 0); err == nil {
			t.Errorf("%d at once: got no error", atOnce)
		}
	}
	if _, err := q.Receive(t.Context(), noon, 1, 12*time.Hour+1); err == nil {
		t.Error("hidden for long: got no error")
	}
	for _, receipt := range []string{"", "x", "1", "1.x", "-1.1"} {
		if err := q.Delete(t.Context(), receipt); err == nil {
			t.Errorf("receipt %q: got no error", receipt)
		}
	}
}

func TestQueueOutlivesItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	var receipt string
	for round := range 2 {
		db, err := embedded.Open(path, embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		q := local.New(db, "send", local.Options{})
		if round == 0 {
			send(t, q, noon, local.Message{Body: "a"}, local.Message{Body: "b"})
			receipt = receive(t, q, noon, "a", "b")[0].Receipt
		} else {
			if err := q.Delete(t.Context(), receipt); err != nil {
				t.Fatal(err)
			}
			send(t, q, noon, local.Message{Body: "c"})
			receive(t, q, noon.Add(time.Minute), "c", "b")
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNobodyReceivesWhatAnotherHolds(t *testing.T) {
	db, err := embedded.Open(filepath.Join(t.TempDir(), "mend.db"), embedded.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	q := local.New(db, "send", local.Options{})
	for i := range 100 {
		send(t, q, noon, local.Message{Body: fmt.Sprint(i)})
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				received, err := q.Receive(t.Context(), noon, 3, time.Minute)
				if err != nil {
					t.Error(err)
				}
				if len(received) == 0 {
					return
				}
				mu.Lock()
				for _, r := range received {
					seen[r.Body]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for i := range 100 {
		if got := seen[fmt.Sprint(i)]; got != 1 {
			t.Errorf("message %d: received %d times, want once", i, got)
		}
	}
}

// Whatever happens, a message is waiting, hidden, dead or deleted, and never two of these.
func TestModel(t *testing.T) {
	type message struct {
		visible time.Time
		count   int
		dead    bool
	}
	rapid.Check(t, func(t *rapid.T) {
		const maxReceive = 2
		q, now, sent := local.New(embedded.InMemory(), "send", local.Options{MaxReceive: maxReceive}), noon, 0
		model := map[string]*message{}
		held := map[string]local.Received{}
		t.Repeat(map[string]func(*rapid.T){
			"send": func(t *rapid.T) {
				sent++
				delay := time.Duration(rapid.IntRange(0, 3).Draw(t, "delay")) * time.Minute
				if err := q.Send(t.Context(), now, local.Message{Body: fmt.Sprint(sent), Delay: delay}); err != nil {
					t.Fatal(err)
				}
				model[fmt.Sprint(sent)] = &message{visible: now.Add(delay)}
			},
			"pass": func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "s")) * time.Second) },
			"receive": func(t *rapid.T) {
				atOnce := rapid.IntRange(1, 4).Draw(t, "at once")
				received, err := q.Receive(t.Context(), now, atOnce, time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range received {
					m := model[r.Body]
					if m == nil || m.dead || m.visible.After(now) || m.count >= maxReceive || r.Count != m.count+1 {
						t.Fatalf("received %+v, which is %+v at %v", r, m, now)
					}
					m.count, m.visible, held[r.Body] = r.Count, now.Add(time.Minute), r
				}
				dead, err := q.Dead(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range dead {
					if m := model[d.Body]; m == nil || m.count < maxReceive || m.visible.After(now) {
						t.Fatalf("dead %+v, which is %+v at %v", d, m, now)
					}
					model[d.Body].dead = true
				}
				ready := 0
				for _, m := range model {
					if !m.dead && !m.visible.After(now) && m.count < maxReceive {
						ready++
					}
				}
				if len(received) < atOnce && ready > 0 {
					t.Fatalf("received %d of %d at once, though %d more are visible", len(received), atOnce, ready)
				}
			},
			"delete": func(t *rapid.T) {
				for _, body := range slices.Sorted(maps.Keys(held)) {
					r := held[body]
					if err := q.Delete(t.Context(), r.Receipt); err != nil {
						t.Fatal(err)
					}
					if m := model[body]; m != nil && !m.dead && m.count == r.Count {
						delete(model, body)
					}
					delete(held, body)
					break
				}
			},
			"redrive": func(t *rapid.T) {
				n, err := q.Redrive(t.Context(), now)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range model {
					if m.dead {
						*m = message{visible: now}
						n--
					}
				}
				if n != 0 {
					t.Fatalf("redrove %d too many", n)
				}
			},
			"": func(t *rapid.T) {
				var want time.Time
				for _, m := range model {
					if !m.dead && (want.IsZero() || m.visible.Before(want)) {
						want = m.visible
					}
				}
				got, found, err := q.NextVisible(t.Context())
				if err != nil || found == want.IsZero() || !got.Equal(want) {
					t.Fatalf("next visible: got %v, %v, %v, want %v", got, found, err, want)
				}
			},
		})
	})
}

func BenchmarkSendReceiveDelete(b *testing.B) {
	for _, kind := range []string{"file", "memory"} {
		b.Run(kind, func(b *testing.B) {
			db := embedded.InMemory()
			if kind == "file" {
				var err error
				if db, err = embedded.Open(filepath.Join(b.TempDir(), "mend.db"), embedded.Options{}); err != nil {
					b.Fatal(err)
				}
				defer db.Close()
			}
			q := local.New(db, "send", local.Options{MaxReceive: 5})
			ten := slices.Repeat([]local.Message{{Body: strings.Repeat("x", 500)}}, 10)
			for b.Loop() {
				if err := q.Send(b.Context(), noon, ten...); err != nil {
					b.Fatal(err)
				}
				received, err := q.Receive(b.Context(), noon, 10, time.Minute)
				if err != nil || len(received) != 10 {
					b.Fatal(len(received), err)
				}
				var receipts []string
				for _, r := range received {
					receipts = append(receipts, r.Receipt)
				}
				if err := q.Delete(b.Context(), receipts...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
