// Command bootstrap is the reply function on AWS.
package main

import (
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/functions/reply"
	"example.org/mend/shared/blob/s3"
	"example.org/mend/shared/queue/sqs"
	"example.org/mend/shared/service"
)

func main() {
	f := start.New(settings.KeyPath, settings.NowQueue, settings.MailBucket, settings.JournalBucket,
		settings.Site, settings.ReplyDomain, settings.From)
	s := f.Settings
	f.UseReplyKeys()
	f.UseAddressKey()
	f.UseLetters() // what a reply quotes of the letter that it answers is not its own words
	f.Service.Queue = sqs.New(s.AWS, map[service.QueueName]string{service.NowQueue: s.NowQueue})
	f.Service.Blobs = s3.New(s.AWS, map[string]string{"raw": s.MailBucket, "journal": s.JournalBucket})
	start.Lambda(f, reply.New(f.Service).Handle)
}
