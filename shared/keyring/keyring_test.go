package keyring

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/token"
)

const below = "/mend/test/keys"

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// parameters is Parameter Store's JSON protocol, two parameters to a page.
type parameters struct {
	now    time.Time
	values map[string]Parameter
	busy   int // so many requests are throttled first
}

func (p *parameters) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Path, NextToken, Name, Value, Type string
		WithDecryption, Overwrite          bool
	}
	_ = json.NewDecoder(r.Body).Decode(&ask)
	refuse := func(kind string) {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"__type": kind, "message": "no"})
	}
	if p.busy > 0 {
		p.busy--
		refuse("ThrottlingException")
		return
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKIA/") {
		refuse("AccessDeniedException")
		return
	}
	switch target := r.Header.Get("X-Amz-Target"); {
	case target == "AmazonSSM.PutParameter" && ask.Type == "SecureString" && !ask.Overwrite:
		if _, there := p.values[ask.Name]; there {
			refuse("ParameterAlreadyExists")
			return
		}
		p.values[ask.Name] = Parameter{ask.Name, ask.Value, p.now}
		_, _ = io.WriteString(w, `{"Version":1}`)
	case target == "AmazonSSM.GetParametersByPath" && ask.WithDecryption && strings.HasPrefix(ask.Path, below+"/"):
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(p.values)),
			func(name string) bool { return path.Dir(name) != ask.Path })
		from, _ := slices.BinarySearch(names, ask.NextToken)
		out := map[string]any{}
		page := []map[string]any{}
		for i, name := range names[from:] {
			if i == 2 {
				out["NextToken"] = name
				break
			}
			v := p.values[name]
			page = append(page, map[string]any{"Name": v.Name, "Value": v.Value,
				"LastModifiedDate": float64(v.Modified.UnixMilli()) / 1000})
		}
		out["Parameters"] = page
		_ = json.NewEncoder(w).Encode(out)
	default:
		refuse("ValidationException")
	}
}

// open serves the parameters and asks them.
func (p *parameters) open(t *testing.T) *ParameterStore {
	t.Helper()
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return NewParameterStore(aws.Config{
		Region: "eu-central-1", BaseEndpoint: &server.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIA", SecretAccessKey: "s"}, nil
		}),
	})
}

func TestABusyParameterStoreIsAskedAgain(t *testing.T) {
	p := &parameters{now: start, values: map[string]Parameter{}, busy: 2}
	if _, err := p.open(t).Below(t.Context(), below+"/links"); err != nil {
		t.Errorf("throttled twice: %v", err)
	}
	p.busy = 3
	if _, err := p.open(t).Below(t.Context(), below+"/links"); err == nil {
		t.Error("throttled three times: no error")
	}
}

func TestARingIsMadeOnceAndRotates(t *testing.T) {
	ctx := t.Context()
	p := &parameters{now: start, values: map[string]Parameter{}}
	store := p.open(t)
	if _, err := Read(ctx, store, below, p.now, Parts...); err == nil ||
		!strings.Contains(err.Error(), "mend keys init") {
		t.Errorf("no keys: got %v, want it to say what to do", err)
	}
	if _, err := Rotate(ctx, store, below); err == nil {
		t.Error("rotating without a first key: no error")
	}
	if made, err := Init(ctx, store, below); err != nil || len(made) != 3 {
		t.Fatalf("init made %q, %v, want three secrets", made, err)
	}
	if made, err := Init(ctx, store, below); err != nil || len(made) != 0 {
		t.Errorf("init again made %q, %v, want none", made, err)
	}
	first := read1(t, store, p.now)
	if first.Signing != 1 || len(first.Address) != 32 {
		t.Errorf("a fresh ring: %v signs, the address secret has %d bytes; want 1 and 32", first.Signing,
			len(first.Address))
	}
	claims := token.Claims{Purpose: token.Unsubscribe, Person: mend.ID("aaaaaaaaaaaaaaaa")}
	old, err := first.Links.Sign(claims)
	if err != nil {
		t.Fatal(err)
	}

	p.now = start.AddDate(1, 0, 0)
	if n, err := Rotate(ctx, store, below); n != 2 || err != nil {
		t.Fatalf("rotate: got %d, %v, want key 2", n, err)
	}
	p.now = p.now.Add(signsAfter - time.Second)
	if got := read1(t, store, p.now); got.Signing != 1 || fmt.Sprint(got.Held) != "[1 2]" {
		t.Errorf("before all functions know the new key: %d of %v signs, want 1 of [1 2]", got.Signing, got.Held)
	}
	p.now = p.now.Add(time.Second)
	second := read1(t, store, p.now)
	if second.Signing != 2 {
		t.Errorf("after ten minutes: %d signs, want 2", second.Signing)
	}
	if _, err := second.Links.Verify(token.Unsubscribe, old, p.now); err != nil {
		t.Errorf("a link to stop from before the rotation: %v", err)
	}
	if string(second.Address) != string(first.Address) {
		t.Error("the rotation changed the address secret")
	}

	retire := p.values[below+"/links/2"]
	retire.Value = "retired " + retire.Value
	p.values[below+"/links/2"] = retire
	if got := read1(t, store, p.now); got.Signing != 1 {
		t.Errorf("after retiring 2: %d signs, want 1", got.Signing)
	}
}

func read1(t *testing.T, store *ParameterStore, now time.Time) Ring {
	t.Helper()
	r, err := Read(t.Context(), store, below, now, Parts...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMalformedParametersAreNamedAndNotShown(t *testing.T) {
	good := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	for name, value := range map[string]string{
		"links/1": "short", "address/1": good[:20], "links/0": good, "links/256": good, "replies/x": good,
		"address/2": good,
	} {
		p := &parameters{now: start, values: map[string]Parameter{}}
		full := below + "/" + name
		for _, part := range Parts {
			one := fmt.Sprintf("%s/%s/1", below, part)
			p.values[one] = Parameter{Name: one, Value: good}
		}
		p.values[full] = Parameter{Name: full, Value: value}
		_, err := Read(t.Context(), p.open(t), below, start, Parts...)
		if err == nil || !strings.Contains(err.Error(), full) || strings.Contains(err.Error(), value) {
			t.Errorf("%s: got %v, want an error with the name and without the value", name, err)
		}
	}
}

// A function that is given one part cannot sign or verify what belongs to another.
func TestEachPartIsReadByItself(t *testing.T) {
	p := &parameters{now: start, values: map[string]Parameter{}}
	store := p.open(t)
	if _, err := Init(t.Context(), store, below); err != nil {
		t.Fatal(err)
	}
	all := read1(t, store, start)
	claims := token.Claims{Person: mend.ID("aaaaaaaaaaaaaaaa"), Date: mend.DateOf(start)}
	reply, err := all.Replies.ReplyAddress(claims, "reply.mend.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := all.Links.FromReplyAddress(reply, "reply.mend.example", start); err == nil {
		t.Error("the keys of links verify a reply address")
	}
	for _, part := range Parts {
		ring, err := Read(t.Context(), store, below, start, part)
		if err != nil {
			t.Fatal(err)
		}
		if (ring.Address != nil) != (part == Address) || ring.Links.Empty() != (part != Links) ||
			ring.Replies.Empty() != (part != Replies) {
			t.Errorf("reading %s gives %+v", part, ring)
		}
	}
}

func TestACopyBringsLostKeysBack(t *testing.T) {
	ctx, p := t.Context(), &parameters{now: start, values: map[string]Parameter{}}
	store := p.open(t)
	if _, err := Init(ctx, store, below); err != nil {
		t.Fatal(err)
	}
	before := read1(t, store, start)
	safe, err := Export(ctx, store, below)
	if err != nil || len(safe) != 3 {
		t.Fatalf("exported %d secrets, %v, want 3", len(safe), err)
	}
	if made, err := Import(ctx, store, below, safe); err != nil || len(made) != 0 {
		t.Errorf("over themselves: made %q, %v", made, err)
	}
	clear(p.values)
	if made, err := Import(ctx, store, below, safe); err != nil || len(made) != 3 {
		t.Errorf("after they were lost: made %q, %v, want 3", made, err)
	}
	if after := read1(t, store, start); string(after.Address) != string(before.Address) {
		t.Error("the address key is another")
	}
	other := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for name, bad := range map[string]string{"links/1": other, "address/1": "short", "address/2": other,
		"links/0": other, "links/a": other, "links": other, "letters/1": other, "../links/1": other} {
		copied := maps.Clone(safe)
		copied[name] = bad
		if made, err := Import(ctx, store, below, copied); err == nil || len(made) != 0 ||
			strings.Contains(err.Error(), bad) {
			t.Errorf("%s of another stack: made %q, %v, want an error without the secret", name, made, err)
		}
	}
	clear(p.values)
	for _, lacks := range []string{"links/1", "replies/1", "address/1"} {
		part := maps.Clone(safe)
		delete(part, lacks)
		if made, err := Import(ctx, store, below, part); err == nil || len(made) != 0 ||
			!strings.Contains(err.Error(), path.Dir(lacks)) {
			t.Errorf("a copy without %s: made %q, %v, want an error that names it", lacks, made, err)
		}
	}
}
