package bench

import (
	"cmp"
	"io"
	"runtime"
	"runtime/pprof"
	"time"
)

// spending is what the process has taken.
type spending struct {
	seconds, cpu       float64
	allocations, bytes uint64
}

// measured does something and returns what it took. It writes a CPU profile of it
// unless profile is nil.
func measured(profile io.Writer, do func() error) (spending, error) {
	runtime.GC() // what came before is not to be paid for now
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, began := cpuSeconds(), time.Now()
	var err error
	if profile != nil {
		err = pprof.StartCPUProfile(profile)
	}
	err = cmp.Or(err, do())
	if profile != nil {
		pprof.StopCPUProfile()
	}
	runtime.ReadMemStats(&after)
	return spending{
		time.Since(began).Seconds(), cpuSeconds() - cpu, after.Mallocs - before.Mallocs,
		after.TotalAlloc - before.TotalAlloc,
	}, err
}

// perThousand is the cost of so many letters, for each thousand of them.
func (s spending) perThousand(letters int) Cost {
	per := func(n float64) float64 { return n / float64(letters) * 1000 }
	return Cost{per(s.cpu), per(float64(s.allocations)), per(float64(s.bytes) / 1e6)}
}
