package dynamo

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Line is the line of the table's own client, for the clients that tests make.
func Line(client dynamodb.HTTPClient, within time.Duration) dynamodb.HTTPClient {
	return line{client, within}
}

// Options are what a test may choose of a table. Each is optional.
type Options struct {
	Wait          func(context.Context, time.Duration) error
	Random        func() float64
	AnswersWithin time.Duration // an emulator may need more
}

// NewWith is New with options.
func NewWith(client *dynamodb.Client, name string, o Options) *Table {
	t := answeringWithin(client, name, cmp.Or(o.AnswersWithin, answersWithin))
	if o.Wait != nil {
		t.wait = o.Wait
	}
	if o.Random != nil {
		t.random = o.Random
	}
	return t
}
