package keyring

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"example.org/mend/shared/person"
	"example.org/mend/shared/token"
)

const below = "/mend/test/keys"

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// parameters is Parameter Store, two to a page.
type parameters struct {
	now    time.Time
	values map[string]types.Parameter
}

func (p *parameters) GetParametersByPath(_ context.Context, in *ssm.GetParametersByPathInput, _ ...func(*ssm.Options)) (*ssm.GetParametersByPathOutput, error) {
	if !aws.ToBool(in.WithDecryption) {
		return nil, fmt.Errorf("read without decryption")
	}
	names := slices.Sorted(maps.Keys(p.values))
	from, _ := slices.BinarySearch(names, aws.ToString(in.NextToken))
	out := &ssm.GetParametersByPathOutput{}
	for i, name := range names[from:] {
		if i == 2 {
			out.NextToken = &name
			break
		}
		out.Parameters = append(out.Parameters, p.values[name])
	}
	return out, nil
}

func (p *parameters) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	name := aws.ToString(in.Name)
	if _, there := p.values[name]; there && !aws.ToBool(in.Overwrite) {
		return nil, &types.ParameterAlreadyExists{}
	}
	if in.Type != types.ParameterTypeSecureString {
		return nil, fmt.Errorf("%s is not secure", name)
	}
	p.values[name] = types.Parameter{Name: in.Name, Value: in.Value, LastModifiedDate: aws.Time(p.now)}
	return &ssm.PutParameterOutput{}, nil
}

func TestARingIsMadeOnceAndRotates(t *testing.T) {
	ctx := t.Context()
	p := &parameters{now: start, values: map[string]types.Parameter{}}
	if _, err := Read(ctx, p, below, p.now); err == nil || !strings.Contains(err.Error(), "mend keys init") {
		t.Errorf("no keys: got %v, want it to say what to do", err)
	}
	if _, err := Rotate(ctx, p, below); err == nil {
		t.Error("rotating without a first key: no error")
	}
	if made, err := Init(ctx, p, below); err != nil || len(made) != 2 {
		t.Fatalf("init made %q, %v, want two secrets", made, err)
	}
	if made, err := Init(ctx, p, below); err != nil || len(made) != 0 {
		t.Errorf("init again made %q, %v, want none", made, err)
	}
	first := read1(t, p)
	if first.Signing != 1 || len(first.Address) != 32 {
		t.Errorf("a fresh ring: %v signs, the address secret has %d bytes; want 1 and 32", first.Signing, len(first.Address))
	}
	claims := token.Claims{Purpose: token.Unsubscribe, Person: person.ID("aaaaaaaaaaaaaaaa")}
	old, err := first.Tokens.Sign(claims)
	if err != nil {
		t.Fatal(err)
	}

	p.now = start.AddDate(1, 0, 0)
	if n, err := Rotate(ctx, p, below); n != 2 || err != nil {
		t.Fatalf("rotate: got %d, %v, want key 2", n, err)
	}
	p.now = p.now.Add(signsAfter - time.Second)
	if got := read1(t, p); got.Signing != 1 || fmt.Sprint(got.Held) != "[1 2]" {
		t.Errorf("before all functions know the new key: %d of %v signs, want 1 of [1 2]", got.Signing, got.Held)
	}
	p.now = p.now.Add(time.Second)
	second := read1(t, p)
	if second.Signing != 2 {
		t.Errorf("after ten minutes: %d signs, want 2", second.Signing)
	}
	if _, err := second.Tokens.Verify(token.Unsubscribe, old, p.now); err != nil {
		t.Errorf("a link to stop from before the rotation: %v", err)
	}
	if string(second.Address) != string(first.Address) {
		t.Error("the rotation changed the address secret")
	}

	retire := p.values[below+"/token-2"]
	retire.Value = aws.String("retired " + aws.ToString(retire.Value))
	p.values[below+"/token-2"] = retire
	if got := read1(t, p); got.Signing != 1 {
		t.Errorf("after retiring 2: %d signs, want 1", got.Signing)
	}
}

func read1(t *testing.T, p *parameters) Ring {
	t.Helper()
	r, err := Read(t.Context(), p, below, p.now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMalformedParametersAreNamedAndNotShown(t *testing.T) {
	good := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	for name, value := range map[string]string{
		"token-1": "short", "address": good[:20], "token-0": good, "token-256": good, "token-x": good, "other": good,
	} {
		p := &parameters{now: start, values: map[string]types.Parameter{}}
		full := below + "/" + name
		p.values[full] = types.Parameter{Name: &full, Value: &value}
		_, err := Read(t.Context(), p, below, start)
		if err == nil || !strings.Contains(err.Error(), full) || strings.Contains(err.Error(), value) {
			t.Errorf("%s: got %v, want an error with the name and without the value", name, err)
		}
	}
}
