package feedback_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/feedback"
	"example.org/mend/shared/change"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/memtable"
)

// journal takes the restore journal.
type journal struct{}

func (journal) Put(context.Context, string, []byte) error           { return nil }
func (journal) Open(context.Context, string) (io.ReadCloser, error) { return nil, mend.ErrNoBlob }
func (journal) Delete(context.Context, string) error                { return nil }

const ann = mend.ID("aaaaaaaaaaaaaaaa")

var letter = mend.LetterKey{Date: mend.Date{Year: 2026, Month: time.March, Day: 2}, Subscription: 1}

// handler is what the package makes.
type handler = func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// newHandler is a handler and the records of Ann, who had one letter.
func newHandler(t *testing.T) (handler, *store.Store) {
	t.Helper()
	records := store.New(&memtable.Table{}, []byte("secret"))
	err := records.Commit(t.Context(), store.Transaction{Person: mend.Person{ID: ann,
		Address: mend.StoredAddress("ann@example.test"), Status: mend.Active}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := records.Record(t.Context(), mend.Letter{Person: ann, Of: letter, Kind: mend.CheckIn,
		Outcome: mend.Unknown, Nonce: "cccccccccccccccc"}); err != nil {
		t.Fatal(err)
	}
	return feedback.Handler(service.New(service.Config{Base: change.Base{
		Store: records, Blobs: journal{}, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Date(2026, time.March, 2, 8, 1, 3, 0, time.UTC) },
	}}).Feedback), records
}

func TestABounceSuppresses(t *testing.T) {
	text, err := os.ReadFile("event.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.SQSEvent
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	take, records := newHandler(t)
	answer, err := take(t.Context(), event)
	if err != nil || len(answer.BatchItemFailures) != 0 {
		t.Fatalf("failures %v, error %v", answer.BatchItemFailures, err)
	}
	if p, err := records.Person(t.Context(), ann, time.Time{}); err != nil || p.Status != mend.Suppressed {
		t.Errorf("status %q, %v, want suppressed", p.Status, err)
	}
}

// handle gives the handler one event that came through SNS, and reports whether it is delivered
// again.
func handle(t *testing.T, h handler, event string) (again bool) {
	t.Helper()
	body := fmt.Sprintf(`{"Type":"Notification","Message":%q}`, event)
	answer, err := h(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: body}}})
	if err != nil {
		t.Fatal(err)
	}
	return len(answer.BatchItemFailures) > 0
}

const mail = `"mail":{"timestamp":"2026-03-02T06:30:02.000Z","messageId":"010201",` +
	`"tags":{"occurrence":["aaaaaaaaaaaaaaaa-20260302-01"],"attempt":["cccccccccccccccc"]}}`

// complainedOf is a report of a type.
func complainedOf(feedbackType string) string {
	return `{"eventType":"Complaint","complaint":{"complaintFeedbackType":"` + feedbackType + `"},` + mail + `}`
}

// sentTo is the mail with where it went.
func sentTo(address string) string {
	return strings.Replace(mail, `"tags"`, `"destination":["`+address+`"],"tags"`, 1)
}

func TestEachKindOfEventIsTold(t *testing.T) {
	for event, check := range map[string]func(mend.Person, mend.Letter) bool{
		`{"eventType":"Send","send":{},` + mail + `}`: func(p mend.Person, l mend.Letter) bool {
			return l.Outcome == mend.Accepted && l.MessageID == "010201" && p.Status == mend.Active
		},
		`{"eventType":"Delivery","delivery":{"timestamp":"2026-03-02T06:30:05.000Z"},` + mail + `}`: func(p mend.Person,
			l mend.Letter) bool {
			return l.Delivered.Equal(time.Date(2026, time.March, 2, 6, 30, 5, 0, time.UTC)) && p.Status == mend.Active
		},
		`{"eventType":"Bounce","bounce":{"bounceType":"Permanent"},` + mail + `}`: func(p mend.Person,
			_ mend.Letter) bool {
			return p.Status == mend.Suppressed
		},
		`{"eventType":"Complaint","complaint":{},` + mail + `}`: func(p mend.Person,
			_ mend.Letter) bool {
			return p.Status == mend.Suppressed
		},
		complainedOf("abuse"): func(p mend.Person,
			_ mend.Letter) bool {
			return p.Status == mend.Suppressed
		},
		complainedOf("unheard-of"): func(p mend.Person,
			_ mend.Letter) bool {
			return p.Status == mend.Suppressed
		},
		complainedOf("not-spam"): func(p mend.Person,
			_ mend.Letter) bool {
			return p.Status == mend.Active
		},
		complainedOf("auth-failure"): func(p mend.Person,
			_ mend.Letter) bool {
			return p.Status == mend.Active
		},
		`{"eventType":"Complaint","complaint":{},` + sentTo("Ann@EXAMPLE.test") + `}`: func(p mend.Person,
			_ mend.Letter) bool {
			return p.Status == mend.Suppressed
		},
		`{"eventType":"Complaint","complaint":{},` + sentTo("ann@elsewhere.test") + `}`: func(p mend.Person,
			_ mend.Letter) bool {
			return p.Status == mend.Active
		},
		`{"eventType":"Open","open":{},` + mail + `}`: func(p mend.Person, l mend.Letter) bool {
			return p.Status == mend.Active && l.Outcome == mend.Unknown
		},
	} {
		h, records := newHandler(t)
		if handle(t, h, event) {
			t.Errorf("%s: delivered again", event)
		}
		p, err := records.Person(t.Context(), ann, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		l, err := records.Letter(t.Context(), ann, letter)
		if err != nil {
			t.Fatal(err)
		}
		if !check(p, l) {
			t.Errorf("%s: person %s, letter %+v", event, p.Status, l)
		}
	}
}

// SES publishes bounces of letters that arrived. An out-of-office answer names the recipient alone;
// a bounce has what the mail server reported, or says that the mailbox is full.
func TestALetterThatArrivedDidNotBounce(t *testing.T) {
	for _, tt := range []struct {
		kind, subtype, recipient string
		bounced                  bool
	}{
		{"Transient", "General", `"emailAddress":"ann@example.test"`, false},
		{"Transient", "General", `"action":"delayed","status":"4.0.0"`, false},
		{"Transient", "General", `"action":"failed","status":"4.4.7","diagnosticCode":"smtp; 550 4.4.7 expired"`, true},
		{"Transient", "MailboxFull", `"emailAddress":"ann@example.test"`, true},
		{"Undetermined", "Undetermined", `"emailAddress":"ann@example.test"`, false},
		{"Undetermined", "Undetermined", `"action":"failed","status":"4.0.0"`, true},
	} {
		bounce := fmt.Sprintf(`{"bounceType":%q,"bounceSubType":%q,"bouncedRecipients":[{%s}]}`, tt.kind, tt.subtype,
			tt.recipient)
		h, records := newHandler(t)
		if handle(t, h, `{"eventType":"Bounce","bounce":`+bounce+`,`+mail+`}`) {
			t.Errorf("%s: delivered again", bounce)
		}
		p, err := records.Person(t.Context(), ann, time.Time{})
		if err != nil || p.Status != mend.Active {
			t.Errorf("%s: they are %s, %v", bounce, p.Status, err)
		}
		l, err := records.Letter(t.Context(), ann, letter)
		if err != nil || l.Bounced.IsZero() == tt.bounced {
			t.Errorf("%s: bounced at %s, %v; want one: %t", bounce, l.Bounced, err, tt.bounced)
		}
	}
}

func TestAMessageOfAnotherShapeIsNotAcknowledgedAway(t *testing.T) {
	h, _ := newHandler(t)
	for _, event := range []string{`hello`, `{}`, `{"notificationType":"Received","receipt":{}}`, `{` + mail + `}`,
		`{"eventType":"Bounce"}`} {
		if !handle(t, h, event) {
			t.Errorf("%s: acknowledged", event)
		}
	}
	body := `{"eventType":"Complaint",` + mail + `}` // not through SNS
	if answer, err := h(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1",
		Body: body}}}); err != nil || len(answer.BatchItemFailures) != 1 {
		t.Errorf("without its SNS wrapping: failures %v, error %v", answer.BatchItemFailures, err)
	}
	if _, err := h(t.Context(), events.SQSEvent{}); err == nil {
		t.Error("an event of another service: no error")
	}
}
