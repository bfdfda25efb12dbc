// Package reply is woken by the receipt queue: SES took a mail for the reply domain, stored it,
// and says so by SNS. The envelope and the verdicts of that notification are the ones that count.
package reply

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"example.org/mend/functions/internal/batch"
	"example.org/mend/shared/receive"
)

// Notification is what SES publishes when the S3 action has stored a mail (SES
// developer guide, "Contents of notifications for Amazon SES email receiving").
type Notification struct {
	NotificationType string                    `json:"notificationType"`
	Mail             Mail                      `json:"mail"`
	Receipt          events.SimpleEmailReceipt `json:"receipt"`
}

// Mail is the envelope of a mail. SES leaves the null return path of machines empty or writes it as
// <>; an envelope without a source says nothing of it.
type Mail struct {
	events.SimpleEmailMessage
	Source *string `json:"source"`
}

// setUp is the message id of the mail that SES makes itself, to see whether it may store mail when
// the rule is made. Nobody wrote it.
const setUp = "AMAZON_SES_SETUP_NOTIFICATION"

// Handler takes the mail that each notification names.
func Handler(svc *receive.Service) batch.Handler {
	return batch.Each(svc.Base, func(ctx context.Context, body string) error {
		var n Notification
		if err := batch.FromSNS(body, &n); err != nil {
			return err
		}
		if n.NotificationType != "Received" || n.Receipt.Action.ObjectKey == "" {
			return fmt.Errorf("a notification of type %q with action %q where a receipt that names the stored mail "+
				"is expected", n.NotificationType, n.Receipt.Action.Type)
		}
		if n.Mail.MessageID == setUp {
			return svc.Blobs.Delete(ctx, n.Receipt.Action.ObjectKey)
		}
		if len(n.Receipt.Recipients) == 0 || n.Receipt.Timestamp.IsZero() {
			return fmt.Errorf("a receipt without recipients or without a timestamp")
		}
		sender := ""
		if n.Mail.Source != nil {
			sender = strings.Trim(*n.Mail.Source, "<> ")
		}
		return svc.Receive(ctx, receive.Receipt{
			Recipients: n.Receipt.Recipients,
			RawKey:     n.Receipt.Action.ObjectKey,
			At:         n.Receipt.Timestamp,
			Sender:     sender,
			NullSender: n.Mail.Source != nil && sender == "",
			SPF:        receive.Verdict(n.Receipt.SPFVerdict.Status),
			DKIM:       receive.Verdict(n.Receipt.DKIMVerdict.Status),
			Spam:       receive.Verdict(n.Receipt.SpamVerdict.Status),
			Virus:      receive.Verdict(n.Receipt.VirusVerdict.Status),
			DMARC:      receive.Verdict(n.Receipt.DMARCVerdict.Status),
		})
	})
}
