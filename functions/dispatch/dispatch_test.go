package dispatch_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/dispatch"
	"example.org/mend/shared/change"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/memtable"
)

func TestTheSchedulersEventIsATick(t *testing.T) {
	now := time.Date(2026, time.March, 1, 7, 15, 0, 0, time.UTC)
	svc := service.New(service.Config{Base: change.Base{
		Store: store.New(&memtable.Table{}, []byte("secret")), Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return now },
	}})
	raw, err := os.ReadFile("event.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.EventBridgeEvent
	if err := json.Unmarshal(raw, &event); err != nil {
		t.Fatal(err)
	}
	if err := dispatch.Handle(t.Context(), svc.Dispatch, event); err != nil {
		t.Fatal(err)
	}
	if mark, err := svc.Store.Watermark(t.Context()); err != nil || !mark.At.Equal(now) {
		t.Errorf("the watermark: %v, %v, want it moved to %s", mark, err, now)
	}

	for _, source := range []string{"", "aws.events", "aws.s3"} {
		event.Source = source
		if err := dispatch.Handle(t.Context(), svc.Dispatch, event); err == nil {
			t.Errorf("an event of source %q: no error", source)
		}
	}
}
