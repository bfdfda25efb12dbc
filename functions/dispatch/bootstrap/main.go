// Command bootstrap is the dispatch function on AWS.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/events"

	handler "example.org/mend/functions/dispatch"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/queue/sqs"
)

func main() {
	f := start.New(settings.SendQueue, settings.NowQueue, settings.SendRate)
	s := f.Settings
	f.Base.Queue = sqs.New(s.AWS, map[mend.QueueName]string{mend.SendQueue: s.SendQueue,
		mend.NowQueue: s.NowQueue})
	d := dispatch.New(f.Base, s.SendRate)
	start.Lambda(f, func(ctx context.Context, e events.EventBridgeEvent) (struct{}, error) {
		return struct{}{}, handler.Handle(ctx, d, e)
	})
}
