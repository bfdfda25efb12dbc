package heap

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestCollectLess(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	for _, test := range []struct {
		gogc, limit string
		memory      int64
		wantPercent int
		wantLimit   int64
	}{
		{"", "", 128 << 20, percent, 96 << 20},
		{"", "", 0, percent, math.MaxInt64},
		{"100", "", 128 << 20, 100, 96 << 20},
		{"", "64MiB", 128 << 20, percent, math.MaxInt64},
	} {
		t.Setenv("GOGC", test.gogc)
		t.Setenv("GOMEMLIMIT", test.limit)
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
		CollectLess(test.memory)
		gotPercent, gotLimit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
		if gotPercent != test.wantPercent || gotLimit != test.wantLimit {
			t.Errorf("GOGC=%q GOMEMLIMIT=%q of %d bytes: %d %% and %d bytes, want %d %% and %d", test.gogc,
				test.limit, test.memory, gotPercent, gotLimit, test.wantPercent, test.wantLimit)
		}
	}
}
