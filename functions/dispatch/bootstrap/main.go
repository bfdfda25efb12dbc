// Command bootstrap is the dispatch function on AWS.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/dispatch"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/shared/queue/sqs"
	"example.org/mend/shared/service"
)

func main() {
	f := start.New(settings.SendQueue, settings.NowQueue, settings.SendRate)
	s := f.Settings
	f.Service.Queue = sqs.New(s.AWS, map[service.QueueName]string{service.SendQueue: s.SendQueue,
		service.NowQueue: s.NowQueue})
	f.Service.SendRate = s.SendRate
	h := dispatch.New(f.Service)
	start.Lambda(f, func(ctx context.Context, e events.EventBridgeEvent) (struct{}, error) {
		return struct{}{}, h.Handle(ctx, e)
	})
}
