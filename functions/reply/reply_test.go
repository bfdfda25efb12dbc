package reply_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/content"
	"example.org/mend/functions/reply"
	"example.org/mend/shared/change"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/letter/lettersample"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/service"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/memtable"
	"example.org/mend/shared/token"
)

// blobs holds the raw mail of the event.
type blobs map[string][]byte

func (b blobs) Put(_ context.Context, key string, data []byte) error {
	b[key] = data
	return nil
}

func (b blobs) Open(_ context.Context, key string) (io.ReadCloser, error) {
	if data, ok := b[key]; ok {
		return io.NopCloser(bytes.NewReader(data)), nil
	}
	return nil, mend.ErrNoBlob
}

func (b blobs) Delete(_ context.Context, key string) error {
	delete(b, key)
	return nil
}

// handler is what the package makes.
type handler = func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

const rawKey = "raw/o3vrnil0e2ic28tr"

func newHandler(t *testing.T) (handler, blobs) {
	t.Helper()
	take, raw, _ := newWorld(t)
	return take, raw
}

func newWorld(t *testing.T) (handler, blobs, *service.Service) {
	t.Helper()
	keys, err := token.NewKeys(token.Key{ID: 1, Secret: [32]byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	raw := blobs{rawKey: []byte("From: ann@example.test\r\n\r\nHello.\r\n")}
	letters, err := letter.New(content.Languages(), lettersample.Config)
	if err != nil {
		t.Fatal(err)
	}
	svc := service.New(service.Config{
		Base: change.Base{
			Store: store.New(&memtable.Table{}, []byte("secret")), Blobs: raw, Keys: keys,
			ReplyDomain: "reply.example.test", Log: slog.New(slog.DiscardHandler), Now: func() time.Time {
				return time.Date(2026, time.March, 2, 8, 1, 3, 0, time.UTC)
			},
		},
		Library: content.Built(), Letters: letters,
	})
	return reply.Handler(svc.Replies), raw, svc
}

func TestAReceiptNamesTheMailThatIsRead(t *testing.T) {
	text, err := os.ReadFile("event.json")
	if err != nil {
		t.Fatal(err)
	}
	var event events.SQSEvent
	if err := json.Unmarshal(text, &event); err != nil {
		t.Fatal(err)
	}
	take, raw := newHandler(t)
	answer, err := take(t.Context(), event)
	if err != nil || len(answer.BatchItemFailures) != 0 {
		t.Fatalf("failures %v, error %v", answer.BatchItemFailures, err)
	}
	if len(raw) != 0 {
		t.Error("its recipient has no token of ours, and yet the mail is kept")
	}
}

func TestAMessageThatNamesNoMailIsNotAcknowledgedAway(t *testing.T) {
	const receipt = `"receipt":{"timestamp":"2026-03-02T08:01:00.000Z","recipients":["r+a@reply.example.test"],` +
		`"action":{"type":"S3","objectKey":"` + rawKey + `"}}`
	for name, notification := range map[string]string{
		"not JSON":     `hello`,
		"an SES event": `{"eventType":"Bounce"}`,
		"another type": `{"notificationType":"Bounce",` + receipt + `}`,
		"no type":      `{` + receipt + `}`,
		"no action": `{"notificationType":"Received","receipt":{"timestamp":"2026-03-02T08:01:00.000Z",` +
			`"recipients":["a"],"action":{"type":"SNS"}}}`,
		"nobody it is for": `{"notificationType":"Received","receipt":{"timestamp":"2026-03-02T08:01:00.000Z",` +
			`"recipients":[],"action":{"type":"S3","objectKey":"` + rawKey + `"}}}`,
		"no time": `{"notificationType":"Received","receipt":{"recipients":["a"],"action":{"type":"S3",` +
			`"objectKey":"` + rawKey + `"}}}`,
	} {
		take, raw := newHandler(t)
		body := fmt.Sprintf(`{"Type":"Notification","Message":%q}`, notification)
		answer, err := take(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1",
			Body: body}}})
		if err != nil || len(answer.BatchItemFailures) != 1 || len(raw) != 1 {
			t.Errorf("%s: failures %v, error %v, mails %d: want it delivered again, and the mail kept", name,
				answer.BatchItemFailures, err, len(raw))
		}
	}
	take, _ := newHandler(t)
	body := `{"notificationType":"Received",` + receipt + `}` // not through SNS
	if answer, err := take(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1",
		Body: body}}}); err != nil || len(answer.BatchItemFailures) != 1 {
		t.Errorf("without its SNS wrapping: failures %v, error %v", answer.BatchItemFailures, err)
	}
	if _, err := take(t.Context(), events.SQSEvent{}); err == nil {
		t.Error("an event of another service: no error")
	}
}

// When the receipt rule is made, SES stores a mail of its own and says so. Its receipt may lack
// what others have.
func TestSESsOwnMailIsTakenAway(t *testing.T) {
	for name, receipt := range map[string]string{
		"whole": `"timestamp":"2026-03-02T08:01:00.000Z","recipients":["recipient@example.com"],`, "bare": "",
	} {
		take, raw := newHandler(t)
		notification := `{"notificationType":"Received","mail":{"messageId":"AMAZON_SES_SETUP_NOTIFICATION"},` +
			`"receipt":{` + receipt +
			`"action":{"type":"S3","objectKey":"` + rawKey + `"}}}`
		body := fmt.Sprintf(`{"Type":"Notification","Message":%q}`, notification)
		answer, err := take(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1",
			Body: body}}})
		if err != nil || len(answer.BatchItemFailures) != 0 || len(raw) != 0 {
			t.Errorf("%s: given back %v, %v, %d mails kept; want none", name, answer.BatchItemFailures, err, len(raw))
		}
	}
}

// withCheckIn makes a person as everyone is.
func withCheckIn(p mend.Person) store.Transaction {
	return store.Transaction{Person: p, Subscriptions: []mend.Subscription{
		{Person: p.ID, Number: mend.CheckInNumber, Kind: mend.CheckIn},
	}}
}

func TestTheVerdictsAreThoseOfTheReceipt(t *testing.T) {
	ann := mend.Person{ID: "aaaaaaaaaaaaaaaa", Address: mend.StoredAddress("ann@example.test"),
		Status: mend.Stopped, Zone: "UTC"}
	date := mend.Date{Year: 2026, Month: time.March, Day: 2}
	for name, test := range map[string]struct {
		spam, virus, dmarc string
		want               []mend.ReplyFlag
	}{
		"all pass":     {"PASS", "PASS", "PASS", []mend.ReplyFlag{mend.NotFlagged}},
		"spam":         {"FAIL", "PASS", "PASS", []mend.ReplyFlag{mend.Quarantined}},
		"a virus":      {"PASS", "FAIL", "PASS", nil},
		"DMARC failed": {"PASS", "PASS", "FAIL", []mend.ReplyFlag{mend.Quarantined}},
		"no DMARC":     {"PASS", "PASS", "GRAY", []mend.ReplyFlag{mend.Unproven}},
	} {
		take, raw, svc := newWorld(t)
		if err := svc.Store.Commit(t.Context(), withCheckIn(ann)); err != nil {
			t.Fatal(err)
		}
		to, err := svc.Keys.ReplyAddress(token.Claims{Person: ann.ID, Date: date, Thing: "bbbbbbbb"}, svc.ReplyDomain)
		if err != nil {
			t.Fatal(err)
		}
		notification := fmt.Sprintf(`{"notificationType":"Received",`+
			`"receipt":{"timestamp":"2026-03-02T08:01:00.000Z","recipients":[%q],`+
			`"spamVerdict":{"status":%q},"virusVerdict":{"status":%q},"dmarcVerdict":{"status":%q},`+
			`"action":{"type":"S3","objectKey":%q}}}`,
			to, test.spam, test.virus, test.dmarc, rawKey)
		body := fmt.Sprintf(`{"Type":"Notification","Message":%q}`, notification)
		answer, err := take(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1",
			Body: body}}})
		if err != nil || len(answer.BatchItemFailures) != 0 || len(raw) != 0 {
			t.Errorf("%s: failures %v, error %v, mails %d", name, answer.BatchItemFailures, err, len(raw))
		}
		var got []mend.ReplyFlag
		err = svc.Store.Replies(t.Context(), mend.Reply{Person: ann.ID}, mend.Date{}, svc.Now(),
			func(r mend.Reply) error {
				got = append(got, r.Flag)
				return nil
			})
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: replies with flags %q, %v, want %q", name, got, err, test.want)
		}
	}
}

// SES names the envelope's sender in mail.source. An empty one is the null return path of machines.
func TestANullReturnPathIsNoReply(t *testing.T) {
	ann := mend.Person{ID: "aaaaaaaaaaaaaaaa", Address: mend.StoredAddress("ann@example.test"),
		Status: mend.Active, Zone: "UTC"}
	for source, want := range map[string]int{`"source":"ann@example.test",`: 1, `"source":"<ann@example.test>",`: 1,
		``: 1, `"source":"",`: 0, `"source":"<>",`: 0} {
		take, _, svc := newWorld(t)
		if err := svc.Store.Commit(t.Context(), withCheckIn(ann)); err != nil {
			t.Fatal(err)
		}
		to, err := svc.Keys.ReplyAddress(token.Claims{Person: ann.ID, Date: mend.Date{Year: 2026, Month: time.March,
			Day: 2}, Thing: "bbbbbbbb"}, svc.ReplyDomain)
		if err != nil {
			t.Fatal(err)
		}
		notification := fmt.Sprintf(`{"notificationType":"Received","mail":{%s"messageId":"m"},`+
			`"receipt":{"timestamp":"2026-03-02T08:01:00.000Z","recipients":[%q],`+
			`"dmarcVerdict":{"status":"PASS"},"action":{"type":"S3","objectKey":%q}}}`, source, to, rawKey)
		body := fmt.Sprintf(`{"Type":"Notification","Message":%q}`, notification)
		if answer, err := take(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1",
			Body: body}}}); err != nil || len(answer.BatchItemFailures) != 0 {
			t.Errorf("%s: failures %v, error %v", source, answer.BatchItemFailures, err)
		}
		got := 0
		err = svc.Store.Replies(t.Context(), mend.Reply{Person: ann.ID}, mend.Date{}, svc.Now(),
			func(mend.Reply) error { got++; return nil })
		if err != nil || got != want {
			t.Errorf("mail with %s: %d replies, %v, want %d", source, got, err, want)
		}
	}
}
