package bench

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// Serve is a stand-in for SES that takes every letter, until the listener is closed.
func Serve(l net.Listener) error {
	var taken atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/email/outbound-emails", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"MessageId":"%016x"}`, taken.Add(1))
	})
	return http.Serve(l, mux)
}
