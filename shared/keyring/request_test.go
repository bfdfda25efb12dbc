package keyring

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"example.org/mend/shared/signed/signedtest"
)

func readBelow(t *testing.T) func(aws.Config) error {
	return func(cfg aws.Config) error {
		_, err := NewParameterStore(cfg).Below(t.Context(), below)
		return err
	}
}

// What is asked of Parameter Store is what the SDK's own client would ask.
func TestTheRequestsAreTheSDKs(t *testing.T) {
	t.Run("read", func(t *testing.T) {
		signedtest.SameRequest(t, `{"Parameters":[]}`, func(cfg aws.Config) error {
			_, err := ssm.NewFromConfig(cfg).GetParametersByPath(t.Context(),
				&ssm.GetParametersByPathInput{Path: aws.String(below), WithDecryption: aws.Bool(true)})
			return err
		}, readBelow(t), "Content-Type", "X-Amz-Target")
	})
	t.Run("make", func(t *testing.T) {
		signedtest.SameRequest(t, `{"Version":1}`, func(cfg aws.Config) error {
			_, err := ssm.NewFromConfig(cfg).PutParameter(t.Context(), &ssm.PutParameterInput{
				Name: aws.String(below + "/address"), Value: aws.String("a+/="), Type: types.ParameterTypeSecureString,
				Overwrite: aws.Bool(false),
			})
			return err
		}, func(cfg aws.Config) error { return NewParameterStore(cfg).Make(t.Context(), below+"/address", "a+/=") },
			"Content-Type", "X-Amz-Target")
	})
}

func TestEndpointIsTheSDKs(t *testing.T) {
	for _, region := range signedtest.Regions {
		want, err := ssm.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(),
			ssm.EndpointParameters{Region: &region}.WithDefaults())
		if err != nil {
			t.Fatal(err)
		}
		if got := signedtest.Asked(region, readBelow(t)); got != want.URI.String() {
			t.Errorf("%s: asked %s, the SDK asks %s", region, got, want.URI.String())
		}
	}
}

func TestTheClockOfParameterStore(t *testing.T) {
	const refusal = `{"__type":"InvalidSignatureException","message":"Signature expired"}`
	if asked := signedtest.OtherClock(t, http.StatusBadRequest, refusal, `{"Parameters":[]}`,
		readBelow(t)); asked != 2 {
		t.Errorf("Parameter Store was asked %d times, want twice", asked)
	}
}
