// Command bootstrap is the web function on AWS.
package main

import (
	"example.org/mend/content"
	"example.org/mend/functions/internal/letters"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/functions/web"
	"example.org/mend/shared/blob/s3"
	"example.org/mend/shared/mend"
	"example.org/mend/shared/queue/sqs"
)

func main() {
	f := start.New(settings.KeyPath, settings.NowQueue, settings.JournalBucket, settings.MailBucket, settings.Site,
		settings.ReplyDomain, settings.From, settings.Contact, settings.Running)
	s := f.Settings
	f.UseLinkKeys()
	f.UseAddressKey()
	f.Base.Queue = sqs.New(s.AWS, map[mend.QueueName]string{mend.NowQueue: s.NowQueue})
	f.Base.Blobs = s3.New(s.AWS, map[string]string{"journal": s.JournalBucket, "export": s.MailBucket})
	h, err := web.New(f.Base, content.Built(), letters.Composer(s),
		web.Options{Help: content.BuiltHelp(), Contact: s.Contact, Away: s.Away})
	start.Must(err)
	start.LambdaWithout(f, web.IsOpen, h.Handle)
}
