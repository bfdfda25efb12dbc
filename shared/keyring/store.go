package keyring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"example.org/mend/shared/signed"
)

// ParameterStore is SSM Parameter Store, as far as keys need it.
type ParameterStore struct{ ssm *signed.Service }

// NewParameterStore asks Parameter Store with a region, credentials and, for an emulator, an
// endpoint.
func NewParameterStore(cfg aws.Config) *ParameterStore {
	return &ParameterStore{signed.New(cfg, "ssm")}
}

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
	return s.call(ctx, "PutParameter", map[string]any{"Name": name, "Value": value, "Type": "SecureString",
		"Overwrite": false}, nil)
}

// call asks one operation (AWS JSON 1.1). PutParameter may be asked again too: what was done then
// fails as there already.
func (s *ParameterStore) call(ctx context.Context, operation string, ask, answer any) error {
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	got, err := s.ssm.Ask(ctx, signed.Request{Method: http.MethodPost, Body: body, Header: map[string]string{
		"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM." + operation,
	}})
	if err != nil {
		return fmt.Errorf("SSM %s: %w", operation, err)
	}
	defer got.Body.Close()
	if answer == nil {
		return nil
	}
	if err := json.NewDecoder(got.Body).Decode(answer); err != nil { // the text holds secrets
		return fmt.Errorf("SSM %s: %w", operation, errors.New("an answer that is not JSON of the expected shape"))
	}
	return nil
}
