package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// The event follows the API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP
// APIs", payload format 2.0: header names in lower case, several values of a header or of a query
// parameter joined by commas (only the raw query keeps them apart), cookies in a list of their own.

const payloadVersion = "2.0"

// ToEvent is the event that API Gateway would make of a request whose body has been read, without
// the parameters of the query, which stand in the raw one.
func ToEvent(r *http.Request, body []byte) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{
		Version: payloadVersion, RouteKey: "$default",
		RawPath: r.URL.EscapedPath(), RawQueryString: r.URL.RawQuery,
		Headers: map[string]string{"host": r.Host},
		Body:    string(body),
	}
	for name, values := range r.Header {
		if name == "Cookie" {
			e.Cookies = strings.Split(strings.Join(values, "; "), "; ")
			continue
		}
		e.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	if !utf8.Valid(body) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	e.RequestContext.RouteKey, e.RequestContext.Stage = "$default", "$default"
	e.RequestContext.DomainName = r.Host
	e.RequestContext.HTTP = events.APIGatewayV2HTTPRequestContextHTTPDescription{
		Method: r.Method, Path: e.RawPath, Protocol: r.Proto, SourceIP: ip, UserAgent: r.UserAgent(),
	}
	return e
}

// requestOf is the request that an event stands for.
func requestOf(ctx context.Context, e events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	method := e.RequestContext.HTTP.Method
	if e.Version != payloadVersion || method == "" || !strings.HasPrefix(e.RawPath, "/") {
		return nil, fmt.Errorf("an event of version %q with method %q: this function takes events of an API Gateway "+
			"HTTP API, payload format 2.0, with rawPath and requestContext.http.method", e.Version, method)
	}
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
			return nil, fmt.Errorf("an event with isBase64Encoded whose body is not base64: %w", err)
		}
	}
	path, err := url.PathUnescape(e.RawPath)
	if err != nil { // API Gateway may have unescaped it already
		path = e.RawPath
	}
	r, err := http.NewRequestWithContext(ctx, method, "/", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("an event with method %q: %w", method, err)
	}
	r.URL = &url.URL{Path: path, RawQuery: e.RawQueryString}
	r.RemoteAddr = e.RequestContext.HTTP.SourceIP
	for name, value := range e.Headers {
		r.Header.Set(name, value)
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	r.Host = r.Header.Get("Host")
	return r, nil
}

// WriteResponse answers a request with an event of API Gateway's shape, as API Gateway would.
func WriteResponse(w http.ResponseWriter, e events.APIGatewayV2HTTPResponse) error {
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
			return fmt.Errorf("a response with isBase64Encoded whose body is not base64: %w", err)
		}
	}
	for name, value := range e.Headers {
		w.Header().Set(name, value)
	}
	for _, cookie := range e.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	w.WriteHeader(e.StatusCode)
	_, err := w.Write(body)
	return err
}

// answer is a response while it is made. It is sent when it is whole.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// newAnswer begins with the headers that every answer has.
func (h *Handler) newAnswer() *answer {
	a := &answer{header: http.Header{}, status: http.StatusOK}
	maps.Copy(a.header, sharedHeaders)
	if h.secure {
		a.header.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	return a
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// manyBytes is the size from which an answer goes in base64, which grows by a third. Text grows by
// what JSON escapes in it, and Lambda takes 6 MB.
const manyBytes = 1 << 20

// event is the answer as API Gateway takes it. It has no body where the method was HEAD.
func (a *answer) event(method string) events.APIGatewayV2HTTPResponse {
	e := events.APIGatewayV2HTTPResponse{StatusCode: a.status, Headers: map[string]string{},
		Cookies: a.header["Set-Cookie"]}
	for name, values := range a.header {
		if name != "Set-Cookie" {
			e.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
		}
	}
	switch body := a.body.Bytes(); {
	case method == http.MethodHead:
	case utf8.Valid(body) && len(body) < manyBytes:
		e.Body = string(body)
	default:
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return e
}
