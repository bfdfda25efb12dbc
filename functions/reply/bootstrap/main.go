// Command bootstrap is the reply function on AWS.
package main

import (
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/functions/reply"
)

func main() {
	f := start.New(settings.KeyPath, settings.NowQueue, settings.MailBucket, settings.JournalBucket, settings.ReplyDomain)
	f.UseKeys()
	f.UseQueues()
	f.UseBlobs()
	start.Lambda(f, reply.New(f.Service).Handle)
}
