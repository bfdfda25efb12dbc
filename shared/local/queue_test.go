package local_test

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// open opens a new file whose clock stands at noon.
func open(t testing.TB) *local.File {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "mend.db"))
}

func openAt(t testing.TB, path string) *local.File {
	t.Helper()
	f, err := local.Open(t.Context(), path, local.Options{Start: noon, Standing: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // again, where the test did
	return f
}

// maxReceive is that of template.yaml.
const maxReceive = 5

func send(t *testing.T, q *local.Queue, bodies ...string) {
	t.Helper()
	var messages []mend.Message
	for _, body := range bodies {
		messages = append(messages, mend.Message{Body: []byte(body)})
	}
	if err := q.Send(t.Context(), messages...); err != nil {
		t.Fatal(err)
	}
}

// receive wants these bodies, ten at most, hidden for a minute.
func receive(t *testing.T, q *local.Queue, want ...string) []local.Message {
	t.Helper()
	received, err := q.Receive(t.Context(), 10, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range received {
		got = append(got, r.Body)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	return received
}

func remove(t *testing.T, q *local.Queue, received ...local.Message) {
	t.Helper()
	for _, r := range received {
		q.Delete(r.Receipt())
	}
}

func wantNext(t *testing.T, q *local.Queue, want time.Time, wantFound bool) {
	t.Helper()
	if got, found := q.NextVisible(); found != wantFound || !got.Equal(want) {
		t.Errorf("next visible: got %v, %v, want %v, %v", got, found, want, wantFound)
	}
}

func TestMessageComesAgainUntilItIsDeleted(t *testing.T) {
	f := open(t)
	q := f.Queues["send"]
	wantNext(t, q, time.Time{}, false)
	send(t, q, "a", "b")
	wantNext(t, q, noon, true)
	f.Clock.Jump(noon.Add(-1))
	receive(t, q)

	f.Clock.Jump(noon)
	first := receive(t, q, "a", "b")
	if r := first[0]; r.Count != 1 || !r.Sent.Equal(noon) || r.ID == first[1].ID {
		t.Errorf("got %+v", r)
	}
	receive(t, q)
	f.Clock.Jump(noon.Add(time.Minute - 1))
	receive(t, q)
	remove(t, q, first[1])
	wantNext(t, q, noon.Add(time.Minute), true)

	f.Clock.Jump(noon.Add(time.Minute))
	second := receive(t, q, "a")
	if r := second[0]; r.Count != 2 || r.ID != first[0].ID || !r.Sent.Equal(noon) {
		t.Errorf("got %+v", r)
	}
	remove(t, q, first[0]) // too late: it was handed out anew
	f.Clock.Jump(noon.Add(2 * time.Minute))
	third := receive(t, q, "a")
	remove(t, q, third[0], third[0])
	f.Clock.Jump(noon.Add(time.Hour))
	receive(t, q)
	wantNext(t, q, time.Time{}, false)
}

func TestDelayHidesAMessage(t *testing.T) {
	f := open(t)
	q := f.Queues["now"]
	late := mend.Message{Body: []byte("late"), Delay: 15 * time.Minute}
	soon := mend.Message{Body: []byte("soon"), Delay: time.Second}
	if err := f.Queues.Send(t.Context(), mend.NowQueue, late, soon); err != nil {
		t.Fatal(err)
	}
	receive(t, q)
	wantNext(t, q, noon.Add(time.Second), true)
	f.Clock.Jump(noon.Add(time.Second))
	remove(t, q, receive(t, q, "soon")...)
	f.Clock.Jump(noon.Add(15*time.Minute - 1))
	receive(t, q)
	f.Clock.Jump(noon.Add(15 * time.Minute))
	receive(t, q, "late")
}

func TestAtMostTenAtOnce(t *testing.T) {
	f := open(t)
	q := f.Queues["send"]
	var all []string
	for i := range 25 {
		all = append(all, fmt.Sprint(i))
		send(t, q, all[i])
	}
	receive(t, q, all[:10]...)
	receive(t, q, all[10:20]...)
	receive(t, q, all[20:]...)
	receive(t, q)
	f.Clock.Jump(noon.Add(time.Minute))
	if received, err := q.Receive(t.Context(), 3, time.Minute); err != nil || len(received) != 3 {
		t.Errorf("got %v, %v, want 3", received, err)
	}
}

func TestPoisonGoesToTheDeadLettersAndComesBack(t *testing.T) {
	f := open(t)
	q := f.Queues["send"]
	send(t, q, "poison", "fine")
	remove(t, q, receive(t, q, "poison", "fine")[1])
	for i := range maxReceive - 1 {
		f.Clock.Jump(noon.Add(time.Duration(i+1) * time.Minute))
		receive(t, q, "poison")
	}
	if dead := q.Dead(); len(dead) != 0 {
		t.Errorf("got dead %v, want none before the sixth time", dead)
	}
	f.Clock.Jump(noon.Add(maxReceive * time.Minute))
	send(t, q, "behind it")
	remove(t, q, receive(t, q, "behind it")...) // the dead one takes no one's place
	dead := q.Dead()
	if len(dead) != 1 || dead[0].Body != "poison" || dead[0].Count != maxReceive || !dead[0].Sent.Equal(noon) {
		t.Fatalf("got dead %+v", dead)
	}
	wantNext(t, q, time.Time{}, false)

	for _, want := range []int{1, 0} {
		if n, err := q.Redrive(t.Context()); err != nil || n != want {
			t.Errorf("redriven: got %d, %v, want %d", n, err, want)
		}
	}
	if dead := q.Dead(); len(dead) != 0 {
		t.Errorf("after redriving: got dead %v", dead)
	}
	if again := receive(t, q, "poison"); again[0].Count != 1 || again[0].ID != dead[0].ID {
		t.Errorf("after redriving: got %+v", again[0])
	}
}

// A message that ends the process each time it is read goes to the dead letters too.
func TestPoisonThatKillsGoesToTheDeadLetters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	for start := range 10 {
		f := openAt(t, path)
		q := f.Queues["send"]
		if start == 0 {
			send(t, q, "poison")
		}
		received, err := q.Receive(t.Context(), 10, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		dead := q.Dead()
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if len(dead) == 1 {
			if start < maxReceive-1 || start > maxReceive {
				t.Errorf("it was dead at start %d", start)
			}
			f = openAt(t, path)
			receive(t, f.Queues["send"])
			if n, err := f.Queues["send"].Redrive(t.Context()); err != nil || n != 1 {
				t.Errorf("redriven after a restart: got %d, %v, want 1", n, err)
			}
			receive(t, f.Queues["send"], "poison")
			return
		}
		if len(received) != 1 {
			t.Fatalf("start %d: got %v, want the message at once", start, received)
		}
	}
	t.Error("it never was dead")
}

func TestQueuesAreApart(t *testing.T) {
	f := open(t)
	send(t, f.Queues["send"], "a")
	send(t, f.Queues["now"], "b")
	remove(t, f.Queues["now"], receive(t, f.Queues["now"], "b")...)
	receive(t, f.Queues["send"], "a")
}

func TestWhatSQSRefusesIsRefused(t *testing.T) {
	f := open(t)
	q := f.Queues["send"]
	for name, m := range map[string]mend.Message{
		"an empty body":          {},
		"a body over 1 MiB":      {Body: bytes.Repeat([]byte("x"), 1<<20+1)},
		"a body that is no text": {Body: []byte("\xff")},
		"a long delay":           {Body: []byte("x"), Delay: 15*time.Minute + 1},
		"a delay into the past":  {Body: []byte("x"), Delay: -1},
	} {
		if err := q.Send(t.Context(), mend.Message{Body: []byte("beside it")}, m); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	f.Clock.Jump(noon.Add(time.Hour))
	receive(t, q) // none of those beside them either
	for _, receipt := range []string{"", "x", "1", "1.x", "-1.1"} {
		q.Delete(receipt) // of nothing
	}
}

// What was held when the process ended comes again at once. A deletion is on the disk with the next
// write, or with the close.
func TestQueueOutlivesItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mend.db")
	f := openAt(t, path)
	send(t, f.Queues["send"], "a", "b", "c")
	remove(t, f.Queues["send"], receive(t, f.Queues["send"], "a", "b", "c")[0])
	err := f.Queues.Send(t.Context(), mend.SendQueue, mend.Message{Body: []byte("with the next write")})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f = openAt(t, path)
	send(t, f.Queues["send"], "d")
	got := receive(t, f.Queues["send"], "b", "c", "with the next write", "d")
	if got[0].Count != 2 || got[3].Count != 1 {
		t.Errorf("got %+v, want the first for the second time", got)
	}
}

func TestNoOneReceivesWhatAnotherHolds(t *testing.T) {
	q := open(t).Queues["send"]
	for i := range 100 {
		send(t, q, fmt.Sprint(i))
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				received, err := q.Receive(t.Context(), 3, time.Minute)
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
func TestModel(whole *testing.T) {
	type message struct {
		visible time.Time
		count   int
		dead    bool
	}
	rapid.Check(whole, func(t *rapid.T) {
		f, now, sent := open(whole), noon, 0
		defer f.Close()
		q := f.Queues["send"]
		model := map[string]*message{}
		held := map[string]local.Message{}
		t.Repeat(map[string]func(*rapid.T){
			"send": func(t *rapid.T) {
				sent++
				delay := time.Duration(rapid.IntRange(0, 3).Draw(t, "delay")) * time.Minute
				if err := q.Send(t.Context(), mend.Message{Body: []byte(fmt.Sprint(sent)), Delay: delay}); err != nil {
					t.Fatal(err)
				}
				model[fmt.Sprint(sent)] = &message{visible: now.Add(delay)}
			},
			"pass": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "s")) * time.Second)
				f.Clock.Jump(now)
			},
			"receive": func(t *rapid.T) {
				atOnce := rapid.IntRange(1, 4).Draw(t, "at once")
				received, err := q.Receive(t.Context(), atOnce, time.Minute)
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
				for _, d := range q.Dead() {
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
				if len(held) == 0 {
					t.Skip("nothing is held")
				}
				body := rapid.SampledFrom(slices.Sorted(maps.Keys(held))).Draw(t, "which")
				r := held[body]
				q.Delete(r.Receipt())
				if m := model[body]; m != nil && !m.dead && m.count == r.Count {
					delete(model, body)
				}
				delete(held, body)
			},
			"redrive": func(t *rapid.T) {
				n, err := q.Redrive(t.Context())
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
				if got, found := q.NextVisible(); found == want.IsZero() || !got.Equal(want) {
					t.Fatalf("next visible: got %v, %v, want %v", got, found, want)
				}
			},
		})
	})
}
