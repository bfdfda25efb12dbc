package signed

import (
	"net/http"
	"sync/atomic"
	"time"
)

// tooFar is how far the service's clock may be from this machine's. It refuses signatures that are
// five minutes off.
const tooFar = 4 * time.Minute

// skew is by how much the service's clock is ahead of this machine's, where that is too far.
type skew struct{ ahead atomic.Int64 }

func (s *skew) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// learn takes the service's clock from an answer, for the requests to come.
func (s *skew) learn(answer *http.Response) {
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err == nil && theirs.Sub(s.now()).Abs() >= tooFar {
		s.ahead.Store(int64(time.Until(theirs)))
	}
}
