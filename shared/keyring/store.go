package keyring

import (
	"context"
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
	for ask := map[string]any{"Path": path, "WithDecryption": true}; ; {
		var page struct {
			Parameters []struct {
				Name, Value      string
				LastModifiedDate float64 // seconds since 1970
			}
			NextToken string
		}
		if err := s.ssm.AskJSON(ctx, "1.1", "AmazonSSM.GetParametersByPath", ask, &page); err != nil {
			return nil, err
		}
		for _, p := range page.Parameters {
			all = append(all, Parameter{p.Name, p.Value, time.UnixMilli(int64(p.LastModifiedDate * 1000))})
		}
		if page.NextToken == "" {
			return all, nil
		}
		ask["NextToken"] = page.NextToken
	}
}

// Make is PutParameter of a SecureString that is not there yet. It may be asked again too: what was
// done then fails as there already.
func (s *ParameterStore) Make(ctx context.Context, name, value string) error {
	return s.ssm.AskJSON(ctx, "1.1", "AmazonSSM.PutParameter", map[string]any{
		"Name": name, "Value": value, "Type": "SecureString", "Overwrite": false,
	}, nil)
}
