package change

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"example.org/mend/shared/mend"
	"example.org/mend/shared/store"
)

// Task is a message of the send queue or the now queue: one of the two.
type Task struct {
	Page   *store.Page      `json:"page,omitempty"`
	OneOff *store.OneOffKey `json:"oneOff,omitempty"`
	Turn   time.Time        `json:"turn,omitzero"` // reserved for the one-off
}

// Enqueue hands work to the send function.
func (s *Base) Enqueue(ctx context.Context, to mend.QueueName, w Task) error {
	body, err := Encode(w)
	if err != nil {
		return err
	}
	return s.Queue.Send(ctx, to, mend.Message{Body: body})
}

func Encode(w Task) ([]byte, error) {
	body, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encode work: %w", err)
	}
	return body, nil
}
