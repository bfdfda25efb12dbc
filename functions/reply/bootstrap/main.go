// Command bootstrap is the reply function on AWS.
package main

import (
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/functions/reply"
)

func main() {
	f := start.New(settings.KeyPath, settings.NowQueue, settings.MailBucket, settings.JournalBucket,
		settings.Site, settings.ReplyDomain, settings.From)
	f.UseKeys()
	f.UseQueues()
	f.UseBlobs()
	f.UseLetters() // what a reply quotes of the letter that it answers is not its own words
	start.Lambda(f, reply.New(f.Service).Handle)
}
