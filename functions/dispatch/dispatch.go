// Package dispatch is woken by EventBridge Scheduler every minute: one tick.
package dispatch

import (
	"context"
	"fmt"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/shared/dispatch"
)

// Handle hands out what came due: one tick. The event says nothing that the tick needs; one of
// another source is refused.
func Handle(ctx context.Context, d *dispatch.Dispatcher, e events.EventBridgeEvent) error {
	if e.Source != Source {
		return fmt.Errorf("an event with source %q: this function takes those of %s", e.Source, Source)
	}
	return d.Tick(ctx)
}

// Source is what EventBridge Scheduler calls itself in its events.
const Source = "aws.scheduler"
