// Command bootstrap is the send function on AWS.
package main

import (
	"example.org/mend/content"
	"example.org/mend/functions/internal/letters"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/functions/send"
	"example.org/mend/shared/blob/s3"
	"example.org/mend/shared/dispatch"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/post/ses"
	"example.org/mend/shared/queue/sqs"
	"example.org/mend/shared/sending"
)

func main() {
	f := start.New(settings.KeyPath, settings.SendQueue, settings.NowQueue, settings.JournalBucket, settings.Site,
		settings.ReplyDomain, settings.From,
		settings.LettersSet, settings.EvidenceSet, settings.SendRate)
	s := f.Settings
	f.UseLinkKeys()
	f.UseReplyKeys()
	f.UseAddressKey()
	mailer := ses.New(s.AWS, ses.Config{From: s.From, Letters: s.LettersSet, Evidence: s.EvidenceSet,
		Endpoint: s.MailEndpoint})
	// What is left of a long slot goes on; a goodbye after a year of silence ends letters, and says
	// so in the journal and at once.
	f.Base.Queue = sqs.New(s.AWS, map[mend.QueueName]string{mend.SendQueue: s.SendQueue,
		mend.NowQueue: s.NowQueue})
	f.Base.Blobs = s3.New(s.AWS, map[string]string{"journal": s.JournalBucket})
	d := dispatch.New(f.Base, s.SendRate)
	start.Lambda(f, send.Handler(sending.New(f.Base, d, mailer, content.Built(), letters.Composer(s))))
}
