// Command bootstrap is the web function on AWS.
package main

import (
	"example.org/mend/content"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/functions/web"
)

func main() {
	f := start.New(settings.KeyPath, settings.NowQueue, settings.JournalBucket, settings.Site, settings.ReplyDomain, settings.From)
	f.UseKeys()
	f.UseQueues()
	f.UseBlobs()
	f.UseLetters() // the landing page shows one
	h, err := web.New(f.Service, web.Options{Content: content.FS})
	start.Must(err)
	start.Lambda(f, h.Handle)
}
