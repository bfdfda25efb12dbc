package change

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Enqueue hands pages to the send function.
func (s *Base) Enqueue(ctx context.Context, to mend.QueueName, pages ...store.Page) error {
	messages := make([]mend.Message, len(pages))
	for i, page := range pages {
		var err error
		if messages[i], err = Message(page, 0); err != nil {
			return err
		}
	}
	if len(messages) == 0 {
		return nil
	}
	return s.Queue.Send(ctx, to, messages...)
}

// Message hands a page to the send function, after a delay.
func Message(page store.Page, delay time.Duration) (mend.Message, error) {
	body, err := json.Marshal(page)
	if err != nil {
		return mend.Message{}, fmt.Errorf("encode a page: %w", err)
	}
	return mend.Message{Body: body, Delay: delay}, nil
}
