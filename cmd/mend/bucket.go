package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// bucket is a bucket of a stack, as a [service.Lister]. No function lists one, so none links the
// client or may use it.
type bucket struct {
	client s3.ListObjectsV2APIClient
	name   string
}

// List names the keys with a prefix that are not before another, in their order, which is that of
// their bytes.
func (b bucket) List(ctx context.Context, prefix, from string) ([]string, error) {
	var keys []string
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the bucket %s: %w", b.name, err)
		}
		for _, o := range page.Contents {
			if key := aws.ToString(o.Key); key >= from {
				keys = append(keys, key)
			}
		}
	}
	return keys, nil
}
