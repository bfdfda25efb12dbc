// Command bootstrap is the feedback function on AWS.
package main

import (
	"example.org/mend/functions/feedback"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
)

func main() {
	f := start.New(settings.KeyPath, settings.JournalBucket)
	f.UseKeys()
	f.UseBlobs()
	start.Lambda(f, feedback.New(f.Service).Handle)
}
