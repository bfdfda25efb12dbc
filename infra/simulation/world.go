package simulation

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/apply"
)

// world is one virtual world: everything in it happens in one order that its seed decides.
// Processes (a function's invocation, a person's request) are coroutines that hand the baton on at
// each call to the outside; between two calls nothing else runs.
type world struct {
	seed    uint64
	rng     *rand.Rand
	now     int64 // nanoseconds since 1970
	started int64
	end     int64 // when faults stop
	healed  bool  // they have stopped
	faults  intensities
	agenda  agenda
	numbers uint64 // of events, so that those of one instant keep their order
	current *process
	living  map[*process]bool
	pressed map[string]bool // the links whose button was pressed

	rig    *rig
	table  *table
	queues map[string]*queue
	mail   *mailer
	blobs  *blobs
	people []*somebody
	check  *checker

	asleep   int64 // the dispatcher is, until then
	busy     int64 // the table refuses everything until then
	closed   int64 // the mail service takes nothing until then
	restored bool  // a restore is under way: nothing wakes up
	again    bool  // a tick failed, and another comes within the minute
	steps    int
	events   int
	until    int // no step after this one; 0: all
	counts   Counts
	trace    func(line string) // nil: nobody watches
}

// event is something that will happen.
type event struct {
	at     int64
	number uint64
	do     func()
}

// at puts an event on the agenda.
func (w *world) at(when int64, do func()) {
	w.numbers++
	w.agenda.push(event{max(when, w.now), w.numbers, do})
}

func (w *world) after(d time.Duration, do func()) { w.at(w.now+int64(d), do) }

// mostEvents is far more than happen in a world that works.
const mostEvents = 2_000_000

// run lets events happen up to an instant. Nothing happens between two events, so idle
// time costs nothing.
func (w *world) run(upTo int64) {
	for len(w.agenda) > 0 && w.agenda[0].at <= upTo && w.check.violation == nil {
		e := w.agenda.pop()
		w.now = e.at
		if w.events++; w.events > mostEvents {
			w.check.broken(4, "after %d events the world has not come to rest", w.events)
			return
		}
		e.do()
		if w.until != 0 && w.steps >= w.until {
			return
		}
	}
	w.now = max(w.now, upTo)
}

// process is something that runs: an invocation of a function, a person's request.
type process struct {
	name     string
	who      *somebody // whose request it is; nil: nobody's
	on       *coroutine
	skew     time.Duration // how far its clock is from the world's
	deadline int64         // when it is killed
	ended    bool
	dying    bool // it crashed: what its deferred calls try to do outside does not happen
	crashed  bool
	troubled bool // a call of it failed
	other    bool // it runs another version of the code
	claims   []*claimed
}

// coroutine runs processes, one after the other: most are over after a few calls, and a
// grown stack is dear.
type coroutine struct {
	next  func() (time.Duration, bool)
	stop  func()
	yield func(time.Duration) bool
	job   func()
}

// over is what a coroutine hands on in the place of a time to wait, when its process has ended.
const over = time.Duration(-1)

func newCoroutine() *coroutine {
	c := &coroutine{}
	c.next, c.stop = iter.Pull(func(yield func(time.Duration) bool) {
		going := true
		c.yield = func(d time.Duration) bool {
			going = going && yield(d)
			return going
		}
		for c.job(); c.yield(over); c.job() {
		}
	})
	return c
}

// crash unwinds a process that is no more.
type crash struct{}

// edit changes an item behind everybody's back.
func (w *world) edit(key store.Key, attrs store.Item) {
	old := w.table.Peek(key)
	item, err := apply.Write(store.Write{Op: store.Update, Key: key, Set: attrs}, old)
	if err != nil {
		panic(err)
	}
	w.table.Set(key, item)
	w.check.wrote(key, old, item)
}

// spawn starts a process now, for somebody or for nobody; it is killed after a time, as Lambda
// does. ended, if there is one, is told how it went.
func (w *world) spawn(
	name string, who *somebody, lifetime time.Duration,
	do func(context.Context) error, ended func(crashed bool, err error),
) {
	p := &process{name: name, who: who, on: w.rig.coroutine(), deadline: w.now + int64(lifetime), skew: w.skew()}
	p.other = w.faults.Versions > 0 && !w.healed && w.rng.IntN(2) == 0
	var err error
	p.on.job = func() {
		defer func() {
			if r := recover(); r != nil {
				if _, ours := r.(crash); !ours {
					panic(r)
				}
				p.crashed = true
			}
		}()
		err = do(deadline{context.Background(), time.Unix(0, p.deadline).UTC()})
	}
	w.living[p] = true
	if p.other {
		w.tracef("%s runs another version", name)
	}
	w.resume(p, func() {
		if p.crashed {
			w.counts.Crashes++
		}
		w.check.processEnded(p)
		w.tracef("%s ends: crashed %v, error %v", name, p.crashed, err)
		if ended != nil {
			ended(p.crashed, err)
		}
	})
}

func (w *world) resume(p *process, ended func()) {
	if p.ended {
		return
	}
	w.current = p
	wait, _ := p.on.next()
	w.current = nil
	if wait != over {
		w.after(wait, func() { w.resume(p, ended) })
		return
	}
	p.ended = true
	delete(w.living, p)
	w.rig.free = append(w.rig.free, p.on)
	ended()
}

// kill ends every process at once, wherever it is.
func (w *world) kill() {
	for p := range w.living {
		p.ended = true
		w.current = p
		p.on.stop()
	}
	w.current = nil
	clear(w.living)
}

// deadline is a context that knows when its function is killed, on the virtual clock.
type deadline struct {
	context.Context
	at time.Time
}

func (d deadline) Deadline() (time.Time, bool) { return d.at, true }

// sleep lets virtual time pass for the process that is running.
func (w *world) sleep(d time.Duration) {
	p := w.current
	if p == nil {
		return
	}
	if p.dying || !p.on.yield(d) || w.now > p.deadline {
		p.dying = true
		panic(crash{})
	}
}

// Now is the clock of whoever asks.
func (w *world) Now() time.Time {
	t := w.now
	if w.current != nil {
		t += int64(w.current.skew)
	}
	return time.Unix(0, t).UTC()
}

func (w *world) skew() time.Duration {
	if w.faults.Skew == 0 || w.healed {
		return 0
	}
	return time.Duration(w.rng.Int64N(int64(2 * time.Second)))
}

// fate is what becomes of one call to the outside.
type fate uint8

const (
	fine fate = iota
	crashBefore
	crashAfter
	timeout   // nothing happened, and an error says so or does not
	throttled // refused
	lost      // it happened, and an error is all that comes back
	twice     // the answer was lost, and the adapter asked again
)

// call is one call to the outside: time passes, others run, and then its fate falls.
func (w *world) call(op string, keys ...store.Key) fate {
	if w.current == nil { // the world itself looks
		return fine
	}
	if w.current.dying {
		panic(crash{})
	}
	latency, slow := time.Duration(1+w.rng.IntN(8))*time.Millisecond, patience
	if op == "mail" {
		slow = mailTakes
	}
	if op == "mail" && w.table.meter != nil {
		latency = mailLatency / sideBySide
	}
	if w.chance(w.faults.Slow) {
		latency = w.between(0, slow)
	}
	if w.chance(w.faults.Race) {
		w.race(keys)
		latency = w.between(0, slow)
	}
	w.sleep(latency)
	w.steps++
	f := w.draw()
	w.current.troubled = w.current.troubled || f != fine && f != twice
	if w.trace != nil {
		w.tracef("%s: %s %s%s", w.current.name, op, printKeys(keys), f)
	}
	return f
}

// How long a call to the outside may take: as long as its adapter is patient, and as the service
// gives the mail service.
const (
	patience  = 7 * time.Second
	mailTakes = 4900 * time.Millisecond
)

// race has somebody act on the pages just while a process is at work for them, or on
// something of theirs.
func (w *world) race(keys []store.Key) {
	for _, s := range w.people {
		theirs := func(key store.Key) bool { return s.id != "" && key.PK == "P#"+string(s.id) }
		if (w.current.who == s || slices.ContainsFunc(keys, theirs)) && w.now-s.raced > int64(time.Minute) {
			s.raced = w.now
			w.after(w.between(0, time.Second), s.act)
			return
		}
	}
}

func (w *world) draw() fate {
	if w.healed {
		return fine
	}
	if w.busy > w.now {
		return throttled
	}
	f := &w.faults
	switch x := w.rng.Float64(); {
	case x < f.Crash:
		w.current.dying = true
		return crashBefore + fate(w.rng.IntN(2))
	case x < f.Crash+f.Timeout:
		return timeout
	case x < f.Crash+f.Timeout+f.Throttle:
		return throttled
	case x < f.Crash+f.Timeout+f.Throttle+f.Lost:
		return lost + fate(w.rng.IntN(2))
	}
	return fine
}

// before is what happens before the effect: a crash, or an error in its place.
func (f fate) before(w *world) error {
	switch f {
	case crashBefore:
		panic(crash{})
	case timeout:
		w.awaitAnswer()
		return errTimeout
	case throttled:
		return errRefused
	}
	return nil
}

// again reports, after the effect, that the adapter waited for an answer and asks a second time.
func (f fate) again(w *world) bool {
	if f == twice {
		w.awaitAnswer()
	}
	return f == twice
}

// after is what happens after the effect.
func (f fate) after(w *world) error {
	switch f {
	case crashAfter:
		panic(crash{})
	case lost:
		w.awaitAnswer()
		return errTimeout
	}
	return nil
}

// awaitAnswer lets the time pass in which no answer comes; others are at work meanwhile.
func (w *world) awaitAnswer() { w.sleep(w.between(0, patience)) }

func (f fate) String() string {
	return [...]string{
		"", " -- crash before it", " -- crash after it", " -- timeout", " -- throttled", " -- answer lost",
		" -- asked twice",
	}[f]
}

// chance is true with a probability, until faults stop.
func (w *world) chance(p float64) bool { return p > 0 && !w.healed && w.rng.Float64() < p }

func (w *world) between(from, to time.Duration) time.Duration {
	return from + time.Duration(w.rng.Int64N(int64(to-from)))
}

func (w *world) tracef(format string, args ...any) {
	if w.trace != nil {
		w.trace(fmt.Sprintf("%6d %s %s",
			w.steps, time.Unix(0, w.now).UTC().Format("2006-01-02 15:04:05.000"), fmt.Sprintf(format, args...)))
	}
}

func printKeys(keys []store.Key) string {
	var s strings.Builder
	for i, k := range keys {
		if i > 0 {
			s.WriteString(", ")
		}
		if i == 4 {
			fmt.Fprintf(&s, "… %d in all", len(keys))
			break
		}
		s.WriteString(k.PK + " " + k.SK)
	}
	return s.String()
}

// randomness is the service's, drawn from the seed.
type randomness struct{ w *world }

func (r randomness) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(r.w.rng.Uint32())
	}
	return len(b), nil
}

var _ io.Reader = randomness{}

// agenda is a heap of events, the next first.
type agenda []event

func (a event) before(b event) bool { return a.at < b.at || a.at == b.at && a.number < b.number }

func (a *agenda) push(e event) {
	h := append(*a, e)
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !h[i].before(h[parent]) {
			break
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
	*a = h
}

func (a *agenda) pop() event {
	h := *a
	top := h[0]
	last := len(h) - 1
	h[0] = h[last]
	h[last] = event{}
	h = h[:last]
	for i := 0; ; {
		next := 2*i + 1
		if next >= last {
			break
		}
		if next+1 < last && h[next+1].before(h[next]) {
			next++
		}
		if !h[next].before(h[i]) {
			break
		}
		h[i], h[next] = h[next], h[i]
		i = next
	}
	*a = h
	return top
}
