package keyring

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// ParameterStore is SSM Parameter Store, as far as keys need it. It speaks the service's protocol (AWS JSON 1.1) itself: to link
// the SDK's client of SSM costs every cold start more than the rest of the function.
type ParameterStore struct {
	cfg    aws.Config
	signer *v4.Signer
}

// NewParameterStore asks Parameter Store with a region, credentials and, for an emulator, an endpoint.
func NewParameterStore(cfg aws.Config) *ParameterStore { return &ParameterStore{cfg, v4.NewSigner()} }

// Below is GetParametersByPath, page after page.
func (s *ParameterStore) Below(ctx context.Context, path string) ([]Parameter, error) {
	var all []Parameter
	for next := ""; ; {
		ask := map[string]any{"Path": path, "WithDecryption": true}
		if next != "" {
			ask["NextToken"] = next
		}
		var page struct {
			Parameters []struct {
				Name, Value      string
				LastModifiedDate float64 // seconds since 1970
			}
			NextToken string
		}
		if err := s.call(ctx, "GetParametersByPath", ask, &page); err != nil {
			return nil, err
		}
		for _, p := range page.Parameters {
			whole, part := math.Modf(p.LastModifiedDate)
			all = append(all, Parameter{p.Name, p.Value, time.Unix(int64(whole), int64(part*1e9))})
		}
		if next = page.NextToken; next == "" {
			return all, nil
		}
	}
}

// Make is PutParameter of a SecureString that is not there yet.
func (s *ParameterStore) Make(ctx context.Context, name, value string) error {
	return s.call(ctx, "PutParameter", map[string]any{"Name": name, "Value": value, "Type": "SecureString", "Overwrite": false}, nil)
}

const attempts = 3

// call asks up to three times where the service is busy or says nothing. PutParameter may be asked again too: what was done
// then fails as there already.
func (s *ParameterStore) call(ctx context.Context, operation string, ask, answer any) error {
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		var again bool
		if again, err = s.attempt(ctx, operation, body, answer); err == nil || !again || attempt == attempts {
			break
		}
		pause := time.NewTimer(time.Duration(attempt) * 200 * time.Millisecond)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
	if err != nil {
		return fmt.Errorf("SSM %s: %w", operation, err)
	}
	return nil
}

func (s *ParameterStore) attempt(ctx context.Context, operation string, body []byte, answer any) (again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint(), bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AmazonSSM."+operation)
	credentials, err := s.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return false, err
	}
	hash := sha256.Sum256(body)
	if err := s.signer.SignHTTP(ctx, credentials, r, hex.EncodeToString(hash[:]), "ssm", s.cfg.Region, time.Now()); err != nil {
		return false, err
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return true, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(io.LimitReader(got.Body, 1<<20))
	if err != nil {
		return true, err
	}
	if got.StatusCode != http.StatusOK {
		var refusal struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
		}
		_ = json.Unmarshal(text, &refusal) // what it says is for people; the status decides
		busy := got.StatusCode >= 500 || got.StatusCode == http.StatusTooManyRequests || strings.Contains(refusal.Type, "Throttling")
		return busy, fmt.Errorf("status %d %s: %s", got.StatusCode, refusal.Type, refusal.Message)
	}
	if answer == nil {
		return false, nil
	}
	if err := json.Unmarshal(text, answer); err != nil { // the text holds secrets
		return false, errors.New("an answer that is not JSON of the expected shape")
	}
	return false, nil
}

func (s *ParameterStore) endpoint() string {
	if s.cfg.BaseEndpoint != nil {
		return strings.TrimSuffix(*s.cfg.BaseEndpoint, "/") + "/"
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(s.cfg.Region, "cn-") {
		suffix = "amazonaws.com.cn"
	}
	return "https://ssm." + s.cfg.Region + "." + suffix + "/"
}
