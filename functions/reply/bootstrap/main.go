// Command bootstrap is the reply function on AWS.
package main

import (
	"example.org/mend/content"
	"example.org/mend/functions/internal/letters"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/functions/reply"
	"example.org/mend/shared/blob/s3"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/queue/sqs"
	"example.org/mend/shared/receive"
)

func main() {
	f := start.New(settings.KeyPath, settings.NowQueue, settings.MailBucket, settings.JournalBucket,
		settings.Site, settings.ReplyDomain, settings.From)
	s := f.Settings
	f.UseReplyKeys()
	f.UseAddressKey()
	f.Base.Queue = sqs.New(s.AWS, map[mend.QueueName]string{mend.NowQueue: s.NowQueue})
	f.Base.Blobs = s3.New(s.AWS, map[string]string{"raw": s.MailBucket, "journal": s.JournalBucket})
	// What a reply quotes of the letter that it answers is not its own words: hence the composer.
	start.Lambda(f, reply.Handler(receive.New(f.Base, content.Built(), letters.Composer(s))))
}
