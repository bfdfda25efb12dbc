// Command bootstrap is the send function on AWS.
package main

import (
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"example.org/mend/content"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/functions/send"
	"example.org/mend/shared/card"
	"example.org/mend/shared/letter"
	"example.org/mend/shared/post/ses"
)

func main() {
	f := start.New(settings.KeyPath, settings.Site, settings.ReplyDomain, settings.From,
		settings.LettersSet, settings.EvidenceSet, settings.SendRate, settings.Senders)
	s := f.Settings
	f.UseKeys()
	client := sesv2.NewFromConfig(s.AWS, func(o *sesv2.Options) {
		if s.MailEndpoint != nil {
			o.BaseEndpoint = s.MailEndpoint
		}
	})
	f.Service.Mailer = ses.New(client, ses.Config{
		From: s.From, Letters: s.LettersSet, Evidence: s.EvidenceSet, PerSecond: ses.Share(s.SendRate, s.Senders),
	})
	library, err := card.Load(content.FS)
	start.Must(err)
	letters, err := letter.New(content.FS, letter.Config{
		Site: s.Site, From: s.From, SenderName: "Mend", ReplyDomain: s.ReplyDomain, ListDomain: s.From.Domain(),
	})
	start.Must(err)
	f.Service.Library, f.Service.Letters = library, letters
	start.Lambda(f, send.New(f.Service).Handle)
}
