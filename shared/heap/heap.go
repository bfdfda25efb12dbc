// Package heap sets how often garbage is collected.
package heap

import (
	"os"
	"runtime/debug"
)

// percent is how much may be allocated between two collections, in percent of what is in use. Go's
// own choice, 100, is meant for heaps of gigabytes. Ours is a few megabytes, so that garbage was
// collected after every hundred letters: a sixth of their CPU time (`lab bench send`).
const percent = 400

// CollectLess trades memory for CPU time. From three quarters of the memory on (in bytes; 0: not
// known) garbage is collected as often as needed. GOGC and GOMEMLIMIT win where they are set.
func CollectLess(memory int64) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if memory > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memory / 4 * 3)
	}
}
