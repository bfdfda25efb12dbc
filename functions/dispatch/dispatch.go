// Package dispatch is woken by EventBridge Scheduler every minute: one tick.
package dispatch

import (
	"context"
	"fmt"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/shared/dispatch"
)

// Handler hands out what came due.
type Handler struct{ dispatcher *dispatch.Dispatcher }

// New makes a handler.
func New(d *dispatch.Dispatcher) *Handler { return &Handler{d} }

// Handle is one tick. The event says nothing that the tick needs; one of another source is refused.
func (h *Handler) Handle(ctx context.Context, e events.EventBridgeEvent) error {
	if e.Source != Source {
		return fmt.Errorf("an event with source %q: this function takes those of %s", e.Source, Source)
	}
	return h.dispatcher.Tick(ctx)
}

// Source is what EventBridge Scheduler calls itself in its events.
const Source = "aws.scheduler"
