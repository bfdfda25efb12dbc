package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/memtable"
)

// sdkAtOnce is how many calls of the bare SDK are under way.
const sdkAtOnce = 16

// BareSDK calls the SDK's own SendEmail so many times, 16 at a time, with one letter that was
// composed before, and does nothing else: what a program that claims, chooses, composes and records
// can be compared with.
func BareSDK(ctx context.Context, o Options) (Result, error) {
	raw, err := oneLetter(ctx)
	if err != nil {
		return Result{}, err
	}
	client := sesv2.NewFromConfig(config(), func(c *sesv2.Options) { c.BaseEndpoint = &o.Endpoint })
	var next atomic.Int64
	var failed atomic.Pointer[error]
	taken, err := measured(o.Profile, func() error {
		var all sync.WaitGroup
		for range sdkAtOnce {
			all.Go(func() {
				for n := next.Add(1); n <= int64(o.N); n = next.Add(1) {
					to := fmt.Sprintf("user%d@example.test", n)
					_, err := client.SendEmail(ctx, &sesv2.SendEmailInput{
						FromEmailAddress: aws.String(from),
						Destination:      &types.Destination{ToAddresses: []string{to}},
						Content:          &types.EmailContent{Raw: &types.RawMessage{Data: raw}},
					})
					if err != nil {
						failed.Store(&err)
						return
					}
				}
			})
		}
		all.Wait()
		if err := failed.Load(); err != nil {
			return *err
		}
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	r := Result{
		N: o.N, Store: "none", Accepted: o.N, Calls: o.N, InFlight: sdkAtOnce, LetterBytes: len(raw),
		UnknownTo: []string{},
	}
	r.Seconds = taken.seconds
	r.LettersPerSecond, r.Cost = float64(o.N)/r.Seconds, taken.perThousand(o.N)
	return r, nil
}

// oneLetter is a letter as the service writes it.
func oneLetter(ctx context.Context) ([]byte, error) {
	s, err := newSender(Options{Senders: 1, Log: io.Discard, Endpoint: "http://127.0.0.1"},
		&data{table: &memtable.Table{}})
	if err != nil {
		return nil, err
	}
	var kept keeper
	s.svc.Sending.Mailer, s.svc.Log = &kept, slog.New(slog.DiscardHandler)
	if err := s.svc.Store.Commit(ctx, newPerson(1, s.clock.due)); err != nil {
		return nil, err
	}
	err = s.svc.Sending.Process(ctx, store.Page{
		Slot: "any", Date: day, Due: s.clock.due,
		Members: []store.DeliveryKey{{Person: idOf(1), Number: mend.CheckInNumber}},
	})
	if len(kept.raw) == 0 && err == nil {
		err = fmt.Errorf("no letter was composed")
	}
	return kept.raw, err
}

// keeper keeps the last letter.
type keeper struct{ raw []byte }

// Send is that of [service.Mailer].
func (k *keeper) Send(_ context.Context, o mend.Outgoing) (string, error) {
	k.raw = o.Raw
	return "1", nil
}
