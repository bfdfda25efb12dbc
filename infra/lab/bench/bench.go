// Package bench sends letters with real cards to people who do not exist, as fast as it can, and
// measures what that costs. All of it is what runs on AWS: the dispatcher's tick hands out pages,
// the send function's handler claims, composes, sends and records, the mailer signs and speaks
// HTTP. What is its own is a queue in memory, and the clock, which stands at the instant at which
// everybody is due, whenever that is looked at.
//
// A run that is killed is gone on with by the next on the same data. What was claimed by then and
// has no result may have been sent: it is UNKNOWN, and given up as it would be on AWS after fifteen
// minutes, which the clock jumps over.
package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/content"
	"example.org/mend/functions/send"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/heap"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/token"
)

// Options say what to send, and where to.
type Options struct {
	N        int       // how many letters, to user1@example.test and so on
	Endpoint string    // of SES
	Data     string    // the folder that keeps what was done
	Store    string    // file, nosync or dynamo=URL
	Senders  int       // send functions that work at once, with up to 25 letters each on their way
	Quota    float64   // letters a second that the endpoint allows; 0: as many as it can
	Say      io.Writer `json:"-"` // what goes on, in lines
	Log      io.Writer `json:"-"` // the service's own log
	Profile  io.Writer `json:"-"` // Optional. A CPU profile of the letters alone, without the set-up
}

// Result is what came of it. Of each letter it counts how it ended, by its record, whichever run
// sent it; of this run, what it took.
type Result struct {
	N        int    `json:"n"`
	Store    string `json:"store"`
	Accepted int    `json:"accepted"`
	Failed   int    `json:"failed"`   // the endpoint will not have that letter
	GivenUp  int    `json:"given_up"` // all that was UNKNOWN
	Expired  int    `json:"expired"`
	LeftOut  int    `json:"left_out"` // without any record: 0, or something is wrong

	Unknown   int      `json:"unknown"`    // claimed, and nobody knows whether it was sent; never simply sent again
	UnknownTo []string `json:"unknown_to"` // who they are

	InFlight int  `json:"in_flight_at_most"`
	Resumed  bool `json:"resumed"` // the data of a run before was gone on with

	// This run: first the people are put into the store, then the letters go.
	SetUpSeconds     float64 `json:"set_up_seconds"`
	SetUpCPU         float64 `json:"set_up_cpu_seconds"`
	Calls            int     `json:"calls"`        // of SendEmail
	Throttled        int     `json:"throttled"`    // surely not sent: released, and sent later
	LetterBytes      int     `json:"letter_bytes"` // in the mean, as handed to SES
	Seconds          float64 `json:"seconds"`
	LettersPerSecond float64 `json:"letters_per_second"`
	Cost
}

// Cost is what so many letters took of the processor and of memory; of the process
// alone, not of the endpoint.
type Cost struct {
	CPUSeconds  float64 `json:"cpu_seconds_per_1000"`
	Allocations float64 `json:"allocations_per_1000"`
	AllocatedMB float64 `json:"allocated_mb_per_1000"`
}

const (
	site        = "https://mend.example"
	replyDomain = "reply.mend.example"
	listDomain  = "letters.mend.example"
	from        = "letters@mend.example"
	zone        = "Europe/Berlin"

	atOnce      = store.MostWrite        // letters of one send function on their way
	firstWait   = 100 * time.Millisecond // after a round in which nothing went, doubled up to
	longestWait = 5 * time.Second
	patience    = 2 * time.Minute // with an endpoint that takes nothing
)

// day is the local date of all letters, and hour their time.
var day, hour = mend.Date{Year: 2026, Month: time.March, Day: 2}, mend.TimeOfDay(7*60 + 30)

// clock runs as time does, from the instant at which all are due.
type clock struct {
	due, began time.Time
	skipped    time.Duration
}

func newClock() (*clock, error) {
	z, err := cadence.Zone(zone)
	if err != nil {
		return nil, err
	}
	return &clock{due: cadence.At(z, day, hour), began: time.Now()}, nil
}

// now is asked for by many at once; skip is only called while nobody does.
func (c *clock) now() time.Time       { return c.due.Add(time.Second + time.Since(c.began) + c.skipped) }
func (c *clock) skip(d time.Duration) { c.skipped += d }

// sender is the service, its send function, and what stands around them.
type sender struct {
	Options
	svc    *service.Service
	handle func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
	clock  *clock
	queue  *queue
	mailer *counted
}

// Send sends the letters that have not been sent.
func Send(ctx context.Context, o Options) (Result, error) {
	heap.CollectLess(0) // as the functions do
	data, err := open(ctx, o)
	if err != nil {
		return Result{}, err
	}
	s, err := newSender(o, data)
	if err == nil {
		var r Result
		if r, err = s.run(ctx, data); err == nil {
			return r, data.close()
		}
	}
	return Result{}, errors.Join(err, data.close())
}

func newSender(o Options, data *data) (*sender, error) {
	c, err := newClock()
	if err != nil {
		return nil, err
	}
	library := content.Built()
	letters, err := letter.New(content.Languages(), letter.Config{
		Site: site, From: mend.StoredAddress(from), SenderName: "Mend", ReplyDomain: replyDomain,
		ListDomain: listDomain,
	})
	if err != nil {
		return nil, err
	}
	key := token.Key{ID: 1}
	if _, err := rand.Read(key.Secret[:]); err != nil {
		return nil, err
	}
	keys, err := token.NewKeys(key)
	if err != nil {
		return nil, err
	}
	s := &sender{Options: o, clock: c, queue: newQueue(), mailer: &counted{Mailer: newMailer(o)}}
	s.svc = service.New(service.Config{
		Base: change.Base{
			Store: store.New(data.table, []byte("names the addresses of nobody")), Queue: s.queue, Keys: keys,
			Site: site, ReplyDomain: replyDomain, Now: c.now, Rand: rand.Reader,
			Log: slog.New(slog.NewJSONHandler(o.Log, nil)),
		},
		Mailer: s.mailer, Library: library, Letters: letters, SendRate: o.Quota,
	})
	s.handle = send.Handler(s.svc.Sending)
	return s, nil
}

func (s *sender) run(ctx context.Context, data *data) (Result, error) {
	r := Result{N: s.N, Store: s.Store, InFlight: s.Senders * atOnce, Resumed: !data.fresh}
	setUp, err := measured(nil, func() error { return s.addPeople(ctx, data) })
	if err != nil {
		return r, err
	}
	r.SetUpSeconds, r.SetUpCPU = setUp.seconds, setUp.cpu
	done := make(chan struct{})
	go s.sayProgress(done)
	taken, err := measured(s.Profile, func() error { return s.sendAll(ctx) })
	close(done)
	if err != nil {
		return r, err
	}
	r.Seconds, r.Calls, r.Throttled = taken.seconds, int(s.mailer.calls.Load()), int(s.mailer.throttled.Load())
	r.LetterBytes = int(s.mailer.bytes.Load()) / max(r.Calls, 1)
	if settled := r.Calls - r.Throttled; settled > 0 {
		r.LettersPerSecond = float64(settled) / r.Seconds
		r.Cost = taken.perThousand(settled)
	}
	return r, s.audit(ctx, &r)
}

// sendAll hands out what is due, and then again and again what is left of it, until nothing is.
func (s *sender) sendAll(ctx context.Context) error {
	if err := s.svc.Dispatch.Tick(ctx); err != nil {
		return err
	}
	wait, moved, settled := firstWait, time.Now(), s.mailer.settled.Load()
	for {
		calls := s.mailer.calls.Load()
		s.queue.drain(s.Senders, func(body string) { s.do(ctx, body) })
		if err := ctx.Err(); err != nil {
			return err
		}
		left, err := s.svc.Store.OpenPages(ctx, s.clock.due, false, s.clock.now())
		if err != nil || len(left) == 0 {
			return err
		}
		closed, err := s.svc.Store.Breaker(ctx)
		if err != nil {
			return err
		}
		switch now := s.mailer.settled.Load(); {
		case closed.After(s.clock.now()):
			// up to now: it is closed again, as an operator would
			if err := s.svc.Store.OpenBreaker(ctx, s.clock.now()); err != nil {
				return err
			}
		case s.mailer.calls.Load() == calls: // all that is left is claimed, and has no result
			s.clock.skip(settleAfter)
			wait = 0
		case now != settled:
			settled, moved, wait = now, time.Now(), firstWait
		}
		if time.Since(moved) > patience {
			return fmt.Errorf("the endpoint has taken nothing for %s (%v): nothing is lost, "+
				"run the same again to go on",
				patience, s.mailer.last())
		}
		if wait > 0 {
			time.Sleep(wait)
		}
		wait = min(max(2*wait, firstWait), longestWait)
		for _, page := range left {
			body, err := encode(page)
			if err != nil {
				return err
			}
			if err := s.queue.Send(ctx, mend.SendQueue, mend.Message{Body: body}); err != nil {
				return err
			}
		}
	}
}

// settleAfter is longer than a claim without a record stays open.
const settleAfter = 16 * time.Minute

// do gives one message to the send function. One that it wants again comes with the next
// round: its page is open.
func (s *sender) do(ctx context.Context, body string) {
	_, _ = s.handle(ctx, events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: body}}})
}

func (s *sender) sayProgress(done <-chan struct{}) {
	every := time.NewTicker(2 * time.Second)
	defer every.Stop()
	for {
		select {
		case <-done:
			return
		case <-every.C:
			fmt.Fprintf(s.Say, "%d letters taken, %d throttled\n", s.mailer.settled.Load(), s.mailer.throttled.Load())
		}
	}
}
