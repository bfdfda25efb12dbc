// Package start is what the functions do alike when they start on AWS: read the settings, make the
// clients, hand events to the handler. Nothing is asked of the network before the first event: an
// environment that Lambda prepares and never uses costs nothing and cannot fail on it. The keys are
// read with the first event, and again as they age.
package start

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"example.org/mend/functions/internal/settings"
	"example.org/mend/shared/cadence"
	"example.org/mend/shared/change"
	"example.org/mend/shared/heap"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/dynamo"
)

// Function is a function on AWS. Its Base is for the use cases; what they need beside
// table, clock, randomness and log is added before [Lambda], by each main for itself: an SDK client
// costs a millisecond of every cold start for its tables alone, used or not.
type Function struct {
	Settings settings.Settings
	Base     *change.Base

	table store.Table
	keys  keyring.Reader
	parts []keyring.Part // the keys that this function needs

	ringRead time.Time
}

// New reads the settings that a function needs, and ends the process where they cannot be used.
func New(needed ...settings.Name) *Function {
	megabytes, _ := strconv.ParseInt(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 64) // 0 outside of Lambda
	heap.CollectLess(megabytes << 20)
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	slog.SetDefault(log)
	zones := cadence.Edition()
	log.Info("started", "zones", zones.Version, "zones_checked", zones.Checked.String())
	if zones.Old(mend.DateOf(time.Now().UTC())) {
		log.Warn("the time zones are old: run make zones and deploy", "zones", zones.Version, "zones_checked",
			zones.Checked.String())
	}
	s, err := settings.Read(os.Getenv, append(needed, settings.Table)...)
	Must(err)
	f := &Function{Settings: s, table: dynamo.New(dynamodb.NewFromConfig(s.AWS), s.Table)}
	f.Base = &change.Base{
		Store: store.New(f.table, nil), Site: s.Site, ReplyDomain: s.ReplyDomain, Now: time.Now,
		Rand: rand.Reader, Log: log,
	}
	return f
}

// Must ends the process where a function cannot start.
func Must(err error) {
	if err != nil {
		slog.Error("cannot start", "error", err)
		os.Exit(1)
	}
}

// UseLinkKeys gives the use cases the keys of links, from the first event on.
func (f *Function) UseLinkKeys() { f.use(keyring.Links) }

// UseReplyKeys gives it those of reply addresses.
func (f *Function) UseReplyKeys() { f.use(keyring.Replies) }

// UseAddressKey gives its store the key that names addresses.
func (f *Function) UseAddressKey() { f.use(keyring.Address) }

func (f *Function) use(part keyring.Part) {
	f.keys, f.parts = keyring.NewParameterStore(f.Settings.AWS), append(f.parts, part)
}

// Lambda hands events to a handler for as long as the process lives.
func Lambda[E, A any](f *Function, handle func(context.Context, E) (A, error)) {
	LambdaWithout(f, func(E) bool { return false }, handle)
}

// LambdaWithout is [Lambda] for a handler that answers some events without keys: the first one need
// not wait for them.
func LambdaWithout[E, A any](f *Function, keys func(E) bool, handle func(context.Context, E) (A, error)) {
	lambda.Start(func(ctx context.Context, e E) (A, error) {
		if !keys(e) {
			if err := f.ready(ctx); err != nil {
				var none A
				return none, err
			}
		}
		return handle(ctx, e)
	})
}

// ready sees to what comes from the network and may change while the process lives. Lambda gives
// a process one event at a time, so nobody reads the service meanwhile.
func (f *Function) ready(ctx context.Context) error {
	if f.Settings.TestClock {
		it, err := f.table.Get(ctx, TestClockKey)
		if err != nil {
			return fmt.Errorf("read the test clock: %w", err)
		}
		seconds, _ := it["seconds"].(int64)
		f.Base.Now = func() time.Time { return time.Now().Add(time.Duration(seconds) * time.Second) }
	}
	now := time.Now() // by Amazon's clock, whatever day a test stack believes it is
	if f.keys == nil || now.Sub(f.ringRead) < keyring.ReadEvery {
		return nil
	}
	ring, err := keyring.Read(ctx, f.keys, f.Settings.KeyPath, now, f.parts...)
	switch {
	case err == nil:
		f.Base.Keys, f.Base.ReplyKeys, f.Base.Store = ring.Links, ring.Replies,
			store.New(f.table, ring.Address)
		f.ringRead = now
	case f.ringRead.IsZero():
		return err
	default: // the keys of five minutes ago still serve
		f.Base.Log.WarnContext(ctx, "read the keys again", "error", err)
	}
	return nil
}

// TestClockKey is the item that moves the clock of a test stack: its "seconds" are added to the
// time.
var TestClockKey = store.Key{PK: "SYS", SK: "TEST-CLOCK"}
