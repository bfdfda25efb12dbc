package machine

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/emersion/go-smtp"

	"example.org/mend/functions/reply"
	"example.org/mend/shared/local"
	"example.org/mend/shared/mend"
)

// mostMail is how large a mail may be, as for the S3 action of SES.
const mostMail = 40 << 20

// newExchanger is the mail exchanger of the reply domain (RFC 5321). It takes mail for valid reply
// addresses alone, keeps it before it says so, and reports it as SES does: by SNS, through SQS.
func (m *Machine) newExchanger() *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{m: m}, nil }))
	s.Domain = ReplyDomain
	s.MaxMessageBytes = mostMail
	s.MaxRecipients = 50
	s.MaxLineLength = 64 << 10 // far more than RFC 5322 allows: what people's clients send is taken
	s.ReadTimeout, s.WriteTimeout = time.Minute, time.Minute
	s.ErrorLog = smtpLog{m}
	return s
}

// session is one SMTP conversation.
type session struct {
	m    *Machine
	from string
	to   []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if _, err := s.m.svc.ReplyKeys.FromReplyAddress(to, ReplyDomain, s.m.Clock.Now()); err != nil {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1},
			Message: "No such reply address here"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil { // torn, or too large: go-smtp's error carries the code
		return err
	}
	ctx := context.Background() // the mail is taken even if its sender hangs up now
	if _, err := s.m.receive(ctx, s.from, s.to, raw, verdicts{}); err != nil {
		s.m.log.Error("take a mail", "error", err)
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0},
			Message: "Could not be kept; please try again later"}
	}
	return nil
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

// verdicts are what SES would judge; an empty one is PASS.
type verdicts struct{ SPF, DKIM, DMARC, Spam, Virus string }

// receive keeps a mail, and has it read. When it returns nil, the mail is on the disk.
func (m *Machine) receive(
	ctx context.Context, from string, to []string, raw []byte, v verdicts,
) (id string, err error) {
	id = strings.ToLower(rand.Text())
	key := "raw/" + id
	now := m.Clock.Now()
	if err := m.Blobs.Put(ctx, key, raw); err != nil {
		return "", err
	}
	verdict := func(s string) events.SimpleEmailVerdict { return events.SimpleEmailVerdict{Status: cmp.Or(s, "PASS")} }
	n := reply.Notification{NotificationType: "Received"}
	n.Mail.Source = &from
	n.Mail.SimpleEmailMessage = events.SimpleEmailMessage{Timestamp: now, MessageID: id, Destination: to}
	n.Receipt = events.SimpleEmailReceipt{
		Timestamp: now, Recipients: to,
		SpamVerdict: verdict(v.Spam), VirusVerdict: verdict(v.Virus), SPFVerdict: verdict(v.SPF),
		DKIMVerdict: verdict(v.DKIM), DMARCVerdict: verdict(v.DMARC),
		Action: events.SimpleEmailReceiptAction{Type: "S3", BucketName: "mend-mail", ObjectKey: key},
	}
	return id, m.publish(ctx, local.ReceiptQueue, n)
}

// publish puts a notification on a queue as SNS does for its subscribers, and has it worked
// through.
func (m *Machine) publish(ctx context.Context, to string, notification any) error {
	text, textErr := json.Marshal(notification)
	body, err := json.Marshal(events.SNSEntity{
		Type: "Notification", MessageID: strings.ToLower(rand.Text()), Timestamp: m.Clock.Now(), Message: string(text),
		TopicArn: "arn:aws:sns:local:000000000000:mend-" + to,
	})
	if err = errors.Join(textErr, err); err != nil {
		return fmt.Errorf("encode a notification: %w", err)
	}
	if err := m.Queues[to].Send(ctx, mend.Message{Body: body}); err != nil {
		return err
	}
	m.doQueued(ctx)
	return nil
}

// smtpLog keeps what go-smtp has to say, but for the addresses that may stand in it.
type smtpLog struct{ m *Machine }

func (l smtpLog) Printf(format string, _ ...any) { l.m.log.Warn("smtp", "event", format) }
func (l smtpLog) Println(...any)                 { l.m.log.Warn("smtp") }
