// Package simulation runs Mend in virtual worlds that fail. A seed decides each world to the last
// byte, as in the simulators of FoundationDB and TigerBeetle.
//
// What runs is the production code of shared/service, all that it imports, and the handlers of
// functions/; what somebody does by the link of a letter goes through the web handler as an event
// of API Gateway. Swapped are only what they reach the world by: table, queues, mail service,
// bucket, clock and randomness. A world has people in awkward zones who join, change their minds,
// reply, stop, come back and are erased, and faults that fall at any call to the outside. After
// every write and every call to the mail service a checker, which sees the table's contents, the
// mail service's log and the virtual time and knows nothing of the service, evaluates the
// invariants of the design; after the faults have healed it demands that everything came to an end.
package simulation

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/content"
	"example.org/mend/functions/dispatch"
	"example.org/mend/functions/feedback"
	"example.org/mend/functions/reply"
	"example.org/mend/functions/send"
	"example.org/mend/functions/web"
	"example.org/mend/shared/change"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// Config says which worlds to run.
type Config struct {
	Seed   uint64 // of the first world; the others follow it
	Seeds  int
	Days   int // of virtual time with faults; a day and more of healing follows
	People int
	Faults []string // of [Faults]; nil: none
	Harder float64  // times as often as usual do things fail. Optional: 0 is 1
	Rate   float64  // how often each of the faults falls in every world, per call. Optional: 0 is as the seed draws it
	First  bool     // begin no world after one in which an invariant broke

	// Progress is told of each world that ended. Optional.
	Progress func(done int)
}

// Counts is what happened in all the worlds together.
type Counts struct {
	Due      int `json:"due"`  // handed out by the dispatcher
	Owed     int `json:"owed"` // due by the checker's own reckoning, and settled since
	Accepted int `json:"accepted"`
	Failed   int `json:"failed"`
	GivenUp  int `json:"given_up"`
	Expired  int `json:"expired"`
	// due while the dispatcher was hours late, under settings that changed before it came
	Unseen                 int `json:"unseen"`
	DuplicatesAfterUnknown int `json:"duplicates_after_unknown"`
	RepliesIn              int `json:"replies_in"`
	RepliesStored          int `json:"replies_stored"`
	Calls                  int `json:"mail_calls"`
	Messages               int `json:"messages"`
	Invocations            int `json:"invocations"`
	Crashes                int `json:"crashes"`
	Restores               int `json:"restores"`

	Letters map[string]int `json:"letters"` // accepted ones, by kind and notice
}

// Violation is an invariant of the design (section 4) that does not hold.
type Violation struct {
	Seed      uint64 `json:"seed"`
	Invariant int    `json:"invariant"`
	Step      int    `json:"step"` // the call to the outside after which it showed
	What      string `json:"what"`
}

// Result is what came of all the worlds.
type Result struct {
	Seeds      int         `json:"seeds"`
	Steps      int         `json:"steps"`
	Days       int         `json:"days"`
	Violations []Violation `json:"violations"`
	Counts     Counts      `json:"counts"`
}

// Faults are the names of what can go wrong.
var Faults = []string{
	"crash", "lost", "timeout", "throttle", "slow", "duplicate", "delay", "reorder", "events", "partial", "stale",
	"skew", "sleep", "mail", "restore", "versions", "race",
}

// intensities are how often each goes wrong, per call.
type intensities struct {
	Crash, Lost, Timeout, Throttle, Slow, Duplicate, Delay, Reorder, Events, Partial, Stale, Skew, Sleep, Mail,
	Restore, Versions, Race float64
}

func (f *intensities) named() map[string]*float64 {
	return map[string]*float64{
		"crash": &f.Crash, "lost": &f.Lost, "timeout": &f.Timeout, "throttle": &f.Throttle, "slow": &f.Slow,
		"duplicate": &f.Duplicate, "delay": &f.Delay, "reorder": &f.Reorder, "events": &f.Events, "partial": &f.Partial,
		"stale": &f.Stale, "skew": &f.Skew, "sleep": &f.Sleep, "mail": &f.Mail, "restore": &f.Restore,
		"versions": &f.Versions, "race": &f.Race,
	}
}

// Run runs the worlds on all processors, each on one.
func Run(cfg Config) Result {
	result := Result{Seeds: cfg.Seeds, Days: cfg.Days, Violations: []Violation{}}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // worlds are small, and leave much behind
	var mu sync.Mutex
	var wg sync.WaitGroup
	seeds := make(chan uint64)
	done := 0
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			r := newRig()
			defer r.close()
			for seed := range seeds {
				w := r.run(cfg, seed, 0, nil)
				mu.Lock()
				result.Steps += w.steps
				result.Counts.add(w.counts)
				if v := w.check.violation; v != nil {
					result.Violations = append(result.Violations, *v)
				}
				done++
				if cfg.Progress != nil {
					cfg.Progress(done)
				}
				mu.Unlock()
			}
		})
	}
	broken := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(result.Violations) > 0
	}
	for i := range cfg.Seeds {
		if cfg.First && broken() {
			break
		}
		seeds <- cfg.Seed + uint64(i)
	}
	close(seeds)
	wg.Wait()
	slices.SortFunc(result.Violations, func(a, b Violation) int { return cmp.Compare(a.Seed, b.Seed) })
	return result
}

// Replay runs one world again, up to a step (0: to its end), and tells every step.
func Replay(cfg Config, seed uint64, upTo int, tell func(line string)) *Violation {
	r := newRig()
	defer r.close()
	return r.run(cfg, seed, upTo, tell).check.violation
}

// Shortest looks for a smaller world in which the same invariant breaks: without the faults and the
// people that it does not take, and where that changes all that follows, among its neighbours too.
// What it returns breaks at its last step: there is no shorter prefix.
func Shortest(cfg Config, v Violation) (Config, Violation) {
	r := newRig()
	defer r.close()
	tries := func(smaller Config, seed uint64, mostSteps int) bool {
		found := r.run(smaller, seed, mostSteps, nil).check.violation
		if found == nil || found.Invariant != v.Invariant {
			return false
		}
		cfg, v = smaller, *found
		return true
	}
	const neighbours = 50
	for _, people := range []int{1, 2, 3} {
		smaller := cfg
		smaller.People = people
		found := false
		for seed := range uint64(neighbours) {
			found = people < cfg.People && tries(smaller, v.Seed+seed, v.Step) || found
		}
		if found {
			break
		}
	}
	for _, name := range slices.Clone(cfg.Faults) {
		smaller := cfg
		smaller.Faults = slices.DeleteFunc(slices.Clone(cfg.Faults), func(f string) bool { return f == name })
		tries(smaller, v.Seed, 0)
	}
	return cfg, v
}

func (c *Counts) add(o Counts) {
	c.Due += o.Due
	c.Owed += o.Owed
	c.Accepted += o.Accepted
	c.Failed += o.Failed
	c.GivenUp += o.GivenUp
	c.Expired += o.Expired
	c.Unseen += o.Unseen
	c.DuplicatesAfterUnknown += o.DuplicatesAfterUnknown
	c.RepliesIn += o.RepliesIn
	c.RepliesStored += o.RepliesStored
	c.Calls += o.Calls
	c.Messages += o.Messages
	c.Invocations += o.Invocations
	c.Crashes += o.Crashes
	c.Restores += o.Restores
	for what, n := range o.Letters {
		if c.Letters == nil {
			c.Letters = map[string]int{}
		}
		c.Letters[what] += n
	}
}

// handler is what a function does with the messages of a queue.
type handler = func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// rig is what worlds that follow each other share: what is read once and never changes, and the
// one service, whose adapters are set anew for each world.
type rig struct {
	svc      *service.Service
	send     handler
	reply    handler
	feedback handler
	web      *web.Handler
	instants instants
	free     []*coroutine // that wait for a process to run
}

// coroutine is one that runs nothing.
func (r *rig) coroutine() *coroutine {
	if last := len(r.free) - 1; last >= 0 {
		c := r.free[last]
		r.free = r.free[:last]
		return c
	}
	return newCoroutine()
}

func (r *rig) close() {
	for _, c := range r.free {
		c.stop()
	}
	r.free = nil
}

const (
	site        = "https://mend.example"
	replyDomain = "reply.mend.example"
)

func newRig() *rig {
	key := token.Key{ID: 1, Secret: [32]byte([]byte(strings.Repeat("k", 32)))}
	svc := service.New(service.Config{
		Base: change.Base{
			Keys: must(token.NewKeys(key)), Site: site, ReplyDomain: replyDomain, Log: slog.New(slog.DiscardHandler),
		},
		Library: content.Built(), Letters: must(letter.New(content.Languages(), letter.Config{
			Site: site, From: mend.StoredAddress("letters@mend.example"), SenderName: "Mend", ReplyDomain: replyDomain,
			ListDomain: "mend.example",
		})),
		OneAtATime: true,
	})
	return &rig{
		svc: svc, send: send.Handler(svc.Sending), reply: reply.Handler(svc.Replies),
		feedback: feedback.Handler(svc.Feedback),
		web: must(web.New(svc.Base, svc.Sending.Library, svc.Sending.Letters,
			web.Options{Help: content.BuiltHelp()})),
		instants: instants{},
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// run lives through one world.
func (r *rig) run(cfg Config, seed uint64, upTo int, trace func(string)) *world {
	w := r.newWorld(seed)
	w.trace, w.until = trace, upTo
	day := int64(24 * time.Hour)
	w.started = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano() + w.rng.Int64N(700)*day + w.rng.Int64N(day)
	w.now, w.end = w.started, w.started+int64(cfg.Days)*day
	w.faults = w.drawFaults(cfg)
	w.setQuota(float64(2 + w.rng.IntN(4)))
	w.populate(cfg.People)
	w.dispatch()
	w.storms()
	w.disaster()
	w.daily()
	w.run(w.end)
	w.heal()
	w.run(w.end + int64(healingTime))
	w.kill()
	if w.check.violation == nil && (upTo == 0 || w.steps < upTo) {
		w.check.atTheEnd()
	}
	return w
}

// newWorld is an empty world, with the rig's service in it.
func (r *rig) newWorld(seed uint64) *world {
	w := &world{
		seed: seed, rng: rand.New(rand.NewPCG(seed, 0x6d656e64)), rig: r, living: map[*process]bool{},
		pressed: map[string]bool{},
	}
	w.check = newChecker(w)
	w.table, w.blobs, w.mail = newTable(w), &blobs{world: w, kept: map[string][]byte{}}, &mailer{world: w}
	w.queues = map[string]*queue{}
	for name, handle := range map[string]handler{
		"send": r.send, "now": r.send, "receipt": r.reply, "feedback": r.feedback,
	} {
		w.queues[name] = &queue{world: w, name: name, batch: 5, atOnce: 2, lifetime: lifetime, handle: handle}
	}
	w.queues["send"].batch, w.queues["now"].batch = 1, 1
	r.svc.Store = store.New(w.table, []byte("address secret"))
	r.svc.Sending.Mailer = w.mail
	r.svc.Queue = queues{w}
	r.svc.Blobs = w.blobs
	r.svc.Now, r.svc.Rand, r.svc.Sending.Sleep = w.Now, randomness{w}, func(_ context.Context, d time.Duration) error {
		w.sleep(d)
		return nil
	}
	return w
}

func (w *world) setQuota(perSecond float64) {
	w.mail.quota = perSecond
	w.rig.svc.Dispatch.SendRate = perSecond
}

// drawFaults gives a world some of the faults, each at an intensity of its own: worlds in which one
// thing fails often find other bugs than those in which all do.
func (w *world) drawFaults(cfg Config) intensities {
	var f intensities
	named := f.named()
	for _, name := range Faults {
		draw := w.rng.IntN(6)
		switch {
		case !slices.Contains(cfg.Faults, name):
		case cfg.Rate > 0:
			*named[name] = cfg.Rate
		default:
			*named[name] = max(cfg.Harder, 1) * []float64{0, 0, 0.001, 0.003, 0.01, 0.03}[draw]
		}
	}
	return f
}

// beat is how often the dispatcher is woken at most: letters fall due on quarter-hours,
// sweeps five minutes later.
const beat = 5 * time.Minute

// dispatch wakes the dispatcher every five minutes where it can have something to do.
func (w *world) dispatch() {
	next := w.now - w.now%int64(beat) + int64(beat)
	w.at(next+w.rng.Int64N(int64(time.Minute)), func() {
		w.dispatch()
		if !w.somethingDue() {
			w.idleTick()
			return
		}
		w.tick()
		if w.chance(w.faults.Duplicate) {
			w.tick()
		}
	})
}

// tick is one run of the dispatcher. After one that failed there is another a minute
// later, as there always is.
func (w *world) tick() {
	if w.now < w.asleep || w.restored {
		return
	}
	w.counts.Invocations++
	began := w.now
	w.spawn("dispatch", nil, lifetime, func(ctx context.Context) error {
		return dispatch.Handle(ctx, w.rig.svc.Dispatch, events.EventBridgeEvent{Source: dispatch.Source})
	}, func(crashed bool, err error) {
		w.table.meter.invoked(w.now-began, 0)
		if (crashed || err != nil) && !w.again {
			w.again = true
			w.after(time.Minute, func() {
				w.again = false
				w.tick()
			})
		}
	})
}

// somethingDue is false of minutes at which a tick would find nothing to do. It looks
// at the table alone.
func (w *world) somethingDue() bool {
	since := instant(w.table.Peek(watermark), "at")
	if w.now-since.UnixNano() > int64(20*time.Hour) || w.check.sweepNear() || w.rng.IntN(50) == 0 {
		return true
	}
	for _, slot := range w.check.slots {
		if slot.nextAfter(since, w.rig.instants) <= w.now {
			return true
		}
	}
	return false
}

// slot is a local time of day in a zone.
type slot struct {
	name string
	zone *time.Location
	time mend.TimeOfDay
	next int64 // when it comes; of an earlier question, and so it may be over
}

func (s *slot) nextAfter(since time.Time, known instants) int64 {
	if s.next > since.UnixNano() {
		return s.next
	}
	day := mend.DateOf(since.In(s.zone)).AddDays(-1) // a local time that does not exist can happen the day after
	for s.next <= since.UnixNano() {
		s.next, day = known.at(s.name, day, s.time).UnixNano(), day.AddDays(1)
	}
	return s.next
}

var watermark = store.Key{PK: "SYS", SK: "WATERMARK"}

// idleTick is what a tick comes to that finds nothing to do: virtual time jumps over most of them.
func (w *world) idleTick() {
	it := w.table.Peek(watermark)
	at := w.now - instant(it, "at").UnixNano()
	if at < int64(50*time.Minute) || it == nil || w.now < w.asleep || w.restored || w.busy > w.now ||
		w.check.unfinished() {
		return
	}
	w.edit(watermark, store.Item{"at": w.now / int64(time.Millisecond)})
}

// storms are faults that last: the dispatcher sleeps, the table refuses everything, the mail
// service takes nothing.
func (w *world) storms() {
	calm := func(p float64) time.Duration {
		return time.Duration(w.rng.ExpFloat64() / p * 0.03 * float64(8*24*time.Hour))
	}
	var sleep, busy, closed func()
	sleep = func() {
		w.after(calm(w.faults.Sleep), func() {
			if w.healed {
				return
			}
			d := w.between(0, 9*time.Hour)
			if long := 8 * time.Hour; d > long { // one outage in nine lasts for days
				d = long + (d-long)*120
			}
			w.asleep = w.now + int64(d)
			w.tracef("the dispatcher falls asleep until %s", time.Unix(0, w.asleep).UTC())
			sleep()
		})
	}
	busy = func() {
		w.after(calm(w.faults.Throttle), func() {
			if w.healed {
				return
			}
			w.busy = w.now + int64(w.between(0, 2*time.Hour))
			w.tracef("the table refuses everything until %s", time.Unix(0, w.busy).UTC())
			busy()
		})
	}
	closed = func() {
		w.after(calm(w.faults.Mail), func() {
			if w.healed {
				return
			}
			w.closed = w.now + int64(w.between(0, 8*time.Hour))
			w.tracef("the mail service takes nothing until %s", time.Unix(0, w.closed).UTC())
			closed()
		})
	}
	if w.faults.Sleep > 0 {
		sleep()
	}
	if w.faults.Throttle > 0 {
		busy()
	}
	if w.faults.Mail > 0 {
		closed()
	}
}

// disaster loses the table, once, and restores a backup of it.
func (w *world) disaster() {
	if w.faults.Restore == 0 {
		return
	}
	w.at(w.started+w.rng.Int64N(w.end-w.started), func() {
		backup, at := w.table.All(), w.now
		handedOut := instant(w.table.Peek(watermark), "at") // up to here: the dispatcher may sleep for days
		w.tracef("a backup is made")
		w.after(w.between(time.Minute, 4*24*time.Hour), func() {
			if w.healed {
				return
			}
			w.tracef("everything stops, and the backup of %s is restored", time.Unix(0, at).UTC())
			w.counts.Restores++
			w.kill()
			for _, q := range w.queues {
				q.running = 0
			}
			w.restored = true
			w.table.Restore(backup)
			w.check.restored(min(at, handedOut.UnixNano()), w.now)
			w.restore(at)
		})
	})
}

// restore runs the use case until it succeeds; nothing else runs meanwhile.
func (w *world) restore(backup int64) {
	w.spawn("restore", nil, 15*time.Minute, func(ctx context.Context) error {
		return w.rig.svc.Operate.Restore(ctx, w.blobs, time.Unix(0, backup).UTC())
	}, func(crashed bool, err error) {
		if crashed || err != nil {
			w.after(time.Minute, func() { w.restore(backup) })
			return
		}
		w.restored = false
		w.check.restores[len(w.check.restores)-1].done = w.now
		for _, name := range queueNames {
			w.queues[name].poll(w.now)
		}
	})
}

var queueNames = []string{"send", "now", "receipt", "feedback"}

// daily is what somebody sees to each day: the table removes what has expired, and an operator,
// mostly within days and before the queue forgets them, has the dead letters delivered again.
func (w *world) daily() {
	w.after(24*time.Hour, func() {
		w.table.purge()
		if w.rng.IntN(4) == 0 {
			w.redrive()
		}
		w.daily()
	})
}

func (w *world) redrive() {
	for _, name := range queueNames {
		w.queues[name].redrive()
	}
}

// heal ends all faults; an operator sees to the dead letters.
func (w *world) heal() {
	w.tracef("faults have healed")
	w.healed, w.asleep, w.busy, w.closed = true, 0, 0, 0
	w.redrive()
}

// String reads "seed 7, invariant 2, step 1041: …".
func (v Violation) String() string {
	return fmt.Sprintf("seed %d, invariant %d, step %d: %s", v.Seed, v.Invariant, v.Step, v.What)
}
