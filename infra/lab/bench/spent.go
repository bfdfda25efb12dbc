package bench

import "runtime"

// spending is what the process has taken so far.
type spending struct {
	cpu                float64 // seconds
	allocations, bytes uint64
}

func spent() spending {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return spending{cpuSeconds(), m.Mallocs, m.TotalAlloc}
}

// since is the cost of so many letters.
func (s spending) since(before spending, letters int) Cost {
	per := func(n float64) float64 { return n / float64(letters) * 1000 }
	return Cost{per(s.cpu - before.cpu), per(float64(s.allocations - before.allocations)), per(float64(s.bytes-before.bytes) / 1e6)}
}
