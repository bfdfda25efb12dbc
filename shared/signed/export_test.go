package signed

import (
	"context"
	"net"
	"net/http"
)

// PatientOver is the usual HTTP client over lines that a test makes.
func PatientOver(dial func() net.Conn) *http.Client {
	line := patient.Transport.(*http.Transport).Clone()
	line.DialContext = func(context.Context, string, string) (net.Conn, error) { return dial(), nil }
	return &http.Client{Transport: line}
}
