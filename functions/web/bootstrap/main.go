// Command bootstrap is the web function on AWS.
package main

import (
	"example.org/mend/content"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/functions/web"
	"example.org/mend/shared/card"
)

func main() {
	f := start.New(settings.KeyPath, settings.NowQueue, settings.JournalBucket, settings.Site)
	f.UseKeys()
	f.UseQueues()
	f.UseBlobs()
	library, err := card.Load(content.FS)
	start.Must(err)
	f.Service.Library = library
	h, err := web.New(f.Service, web.Options{Content: content.FS})
	start.Must(err)
	start.Lambda(f, h.Handle)
}
