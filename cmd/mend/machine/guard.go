package machine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/netutil"
)

// What one machine takes from those who connect to it. Anything on the same machine can: a page of
// another site in the browser, another user, a program gone wrong.
const (
	mostForm    = 10 << 20         // bytes of a request, as API Gateway takes them
	headTime    = 5 * time.Second  // for the head of a request
	bodyTime    = 15 * time.Second // for its body
	idleTime    = time.Minute      // between two requests on one connection
	mostSMTP    = 10               // SMTP connections at once; each may hold one mail in memory
	longestSMTP = 5 * time.Minute  // for all that happens on one SMTP connection
)

// guard passes on the requests that name this machine and whose body arrives in time. Without the
// first, a page elsewhere could reach the local tools by pointing a name of its own at the loopback
// address (DNS rebinding).
func (m *Machine) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most := int64(mostForm)
		if r.URL.Path == "/local/inbound" {
			most = mostMail
		}
		connection := http.NewResponseController(w)
		_ = connection.SetReadDeadline(time.Now().Add(m.bodyTime))
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
		if err == nil { // from here on, the handler may take its time: moving the clock by a year does
			_ = connection.SetReadDeadline(time.Time{})
		}
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			http.Error(w, fmt.Sprintf("That is more than %d MB.", most>>20), http.StatusRequestEntityTooLarge)
		} else if err != nil {
			w.Header().Set("Connection", "close")
			http.Error(w, "The request did not arrive whole in time.", http.StatusRequestTimeout)
		} else if !isOwnHost(r.Host, m.cfg.Addr, m.site.Addr()) {
			http.Error(w, "This machine answers at "+m.SiteURL()+" only.", http.StatusMisdirectedRequest)
		} else {
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
		}
	})
}

// isOwnHost reports whether a Host header names this machine: localhost, a loopback address, or
// what the site listens at, also as --addr has it. A port may be any, because people forward ports.
// Where the site listens at every address, any address will do: no one can point an address at us
// as they can a name.
func isOwnHost(host, flag string, listensAt net.Addr) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	own, _, _ := net.SplitHostPort(flag)
	if host == "localhost" || host != "" && host == strings.ToLower(own) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	listens, err := netip.ParseAddrPort(listensAt.String())
	return ip.Unmap().IsLoopback() ||
		err == nil && (listens.Addr().IsUnspecified() || listens.Addr().Unmap() == ip.Unmap())
}

// limitConnections lets at most so many connections be open at once, each for at most so long. One
// more waits until another ends, as mail programs do for the greeting.
func limitConnections(l net.Listener, most int, longest time.Duration) net.Listener {
	return brief{netutil.LimitListener(l, most), longest}
}

// brief is a listener whose connections end after a while.
type brief struct {
	net.Listener
	longest time.Duration
}

func (l brief) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		time.AfterFunc(l.longest, func() { _ = conn.Close() })
	}
	return conn, err
}
