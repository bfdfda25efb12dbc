package s3

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"example.org/mend/shared/signed/signedtest"
)

const entry = "journal/2026-03-01T06:00:00.000Z/aaaaaaaaaaaaaaaa-stop"

func blobsOf(cfg aws.Config) *Blobs {
	return New(cfg, map[string]string{"journal": "mend-journal", "raw": "mend-mail"})
}

func theirs(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = true // an emulator has no host for each bucket
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	})
}

// What is asked of S3 is what the SDK's own client would ask. An entry of the journal is never
// written over.
func TestTheRequestsAreTheSDKs(t *testing.T) {
	t.Run("put", func(t *testing.T) {
		signedtest.SameRequest(t, "", func(cfg aws.Config) error {
			_, err := theirs(cfg).PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String("mend-journal"), Key: aws.String(entry), Body: bytes.NewReader([]byte("stop")),
				IfNoneMatch: aws.String("*"),
			})
			return err
		}, func(cfg aws.Config) error { return blobsOf(cfg).Put(t.Context(), entry, []byte("stop")) },
			"X-Amz-Content-Sha256", "If-None-Match")
	})
	t.Run("get", func(t *testing.T) {
		signedtest.SameRequest(t, "words", func(cfg aws.Config) error {
			answer, err := theirs(cfg).GetObject(t.Context(),
				&s3.GetObjectInput{Bucket: aws.String("mend-mail"), Key: aws.String("raw/a b+c")})
			if err == nil {
				err = answer.Body.Close()
			}
			return err
		}, func(cfg aws.Config) error {
			answer, err := blobsOf(cfg).Open(t.Context(), "raw/a b+c")
			if err == nil {
				err = answer.Close()
			}
			return err
		}, "X-Amz-Content-Sha256")
	})
	t.Run("delete", func(t *testing.T) {
		signedtest.SameRequest(t, "", func(cfg aws.Config) error {
			_, err := theirs(cfg).DeleteObject(t.Context(),
				&s3.DeleteObjectInput{Bucket: aws.String("mend-mail"), Key: aws.String("raw/a")})
			return err
		}, func(cfg aws.Config) error { return blobsOf(cfg).Delete(t.Context(), "raw/a") }, "X-Amz-Content-Sha256")
	})
}

// Each bucket has a host of its own, below the service's.
func TestEndpointIsTheSDKs(t *testing.T) {
	for _, region := range signedtest.Regions {
		want, err := s3.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(),
			s3.EndpointParameters{Region: &region, Bucket: aws.String("mend-mail")}.WithDefaults())
		if err != nil {
			t.Fatal(err)
		}
		got := signedtest.Asked(region, func(cfg aws.Config) error { return blobsOf(cfg).Delete(t.Context(), "raw/a") })
		if got != want.URI.String() {
			t.Errorf("%s: asked %s, the SDK asks %s", region, got, want.URI.String())
		}
	}
}

func TestTheClockOfS3(t *testing.T) {
	asked := signedtest.OtherClock(t, http.StatusForbidden, "<Error><Code>RequestTimeTooSkewed</Code></Error>", "",
		func(cfg aws.Config) error {
			return blobsOf(cfg).Put(t.Context(), entry, []byte("stop"))
		})
	if asked != 2 {
		t.Errorf("S3 was asked %d times, want twice", asked)
	}
}
