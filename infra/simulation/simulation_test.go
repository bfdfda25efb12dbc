package simulation_test

import (
	"os"
	"slices"
	"sync"
	"testing"

	"example.org/mend/infra/simulation"
	"example.org/mend/shared/capacity"
	"example.org/mend/shared/heap"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var all = simulation.Config{Seed: 1, Seeds: 100, Days: 45, People: 6, Faults: simulation.Faults}

// TestMain collects garbage as rarely as the functions do: the worlds are small, and many.
func TestMain(m *testing.M) {
	heap.CollectLess(0)
	os.Exit(m.Run())
}

// short is fewer worlds where -short is given. `make sim` runs some thousands.
func short(worlds, few int) int {
	if testing.Short() {
		return few
	}
	return worlds
}

// worlds are run once for all that is said of them.
var worlds = sync.OnceValue(func() simulation.Result {
	cfg := all
	cfg.Seeds = short(all.Seeds, 16)
	return simulation.Run(cfg)
})

func TestTheInvariantsHoldWhateverFails(t *testing.T) {
	for _, v := range worlds().Violations {
		t.Error(v)
	}
}

func TestWithoutFaultsEveryLetterIsAccepted(t *testing.T) {
	cfg := all
	cfg.Faults, cfg.Seeds = nil, short(8, 3)
	result := simulation.Run(cfg)
	for _, v := range result.Violations {
		t.Error(v)
	}
	c := result.Counts
	if c.Owed == 0 || c.Failed+c.GivenUp+c.Expired+c.DuplicatesAfterUnknown > 0 || c.RepliesStored == 0 {
		t.Errorf("counts: %+v, want letters, all accepted, and replies", c)
	}
}

func TestASeedDecidesEveryStep(t *testing.T) {
	for seed := range uint64(short(8, 2)) {
		trace := func() (lines []string) {
			simulation.Replay(all, seed, 0, func(line string) { lines = append(lines, line) })
			return lines
		}
		first, second := trace(), trace()
		if len(first) < 1000 || !slices.Equal(first, second) {
			t.Errorf("two runs of seed %d: %d and %d lines, want the same ones", seed, len(first), len(second))
		}
	}
}

func TestEveryKindOfLetterComes(t *testing.T) {
	letters := worlds().Counts.Letters
	// in a few worlds of a hundred
	rare := []string{"notice goodbye", "notice not-for-me", "notice resumed", "reminder once more"}
	for _, what := range []string{
		"checkin", "digest", "reminder", "reminder once more", "promise", "confirmation", "confirmation move",
		"welcome", "signin", "notice address-change", "notice address-changed", "notice already-signed-up",
		"notice erased", "notice goodbye", "notice no-contact", "notice promise-when", "notice reply-quarantined",
		"notice order-unclear", "notice stop-ask", "notice paused", "notice resumed", "notice skipped",
		"notice settings-changed", "notice not-for-me",
	} {
		if letters[what] == 0 && !(testing.Short() && slices.Contains(rare, what)) {
			t.Errorf("no %s in all worlds", what)
		}
	}
}

func BenchmarkWorld(b *testing.B) {
	cfg := all
	cfg.Seeds = b.N
	simulation.Run(cfg)
}

func TestTheBillOfAMillionCheckIns(t *testing.T) {
	p, err := simulation.Measure(1000, simulation.QuotaOfExample)
	if err != nil {
		t.Fatal(err)
	}
	if b := p.PerMillion; b.WRU > 2.08e6 || b.RRU > 0.7e6 || b.USDBesidesSES > 1.50 {
		t.Errorf("a million check-ins: %+v, want at most 2.08 WRU and 0.7 RRU each, and $1.50", b)
	}
	if p.IdleMonthUSD > 1 {
		t.Errorf("an idle month: $%.2f, want less than $1", p.IdleMonthUSD)
	}
	// SES puts a mail into the bucket, the function reads it there once, and deletes
	// it, which is free.
	if b := p.PerThousandReplies; b.S3Puts != 1000 || b.S3Gets != 1000 || b.SNSMessages != 1000 ||
		b.LambdaRequests != 1000 || b.WRU < 1000 || b.USDSES < 0.19 {
		t.Errorf("a thousand replies: %+v, want each put, read and written once at least", b)
	}
	// The page, its style sheet and its script.
	if b := p.PerThousandPages; b.APIRequests != 3000 || b.LambdaRequests != 3000 || b.RRU < 1000 || b.WRU != 0 {
		t.Errorf("a thousand pages: %+v, want three requests for each, that read and write nothing", b)
	}
	if k := p.Kept; k.LetterBytes < 100 || k.ReplyBytes < 300 || k.PersonBytes < 500 {
		t.Errorf("what is kept: %+v", k)
	}
}

// mend plan reads what was counted here. `go run ./infra/lab price --write` brings it up to date.
func TestThePlansPricesAreTheWorlds(t *testing.T) {
	if testing.Short() {
		t.Skip("it counts 5,000 letters; TestTheBillOfAMillionCheckIns counts 1,000")
	}
	all := capacity.All()
	for _, m := range all {
		if m.Quota != 14 && m.Quota != 200 {
			continue // the others follow from the same counts, and take half a minute each
		}
		got, err := simulation.Measure(5000, m.Quota)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m.Price, got, cmpopts.EquateApprox(0.02, 0)); d != "" {
			t.Errorf("at %g a second (-kept +counted):\n%s", m.Quota, d)
		}
		if b := got.PerMillion; m.Quota >= 14 && (b.WRU > 2.08e6 || b.RRU > 0.7e6 || b.USDBesidesSES > 1.62) {
			t.Errorf("a million check-ins at %g a second: %+v, want at most 2.08 WRU and 0.7 RRU each, and $1.62",
				m.Quota, b)
		}
	}
	if len(all) < 5 {
		t.Errorf("got %d measured quotas, want 1, 14, 50, 200 and 1,000", len(all))
	}
}
