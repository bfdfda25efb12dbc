// Command bootstrap is the feedback function on AWS.
package main

import (
	handler "example.org/mend/functions/feedback"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/shared/blob/s3"
	"example.org/mend/shared/feedback"
)

func main() {
	f := start.New(settings.KeyPath, settings.JournalBucket)
	s := f.Settings
	f.UseAddressKey()
	f.Base.Blobs = s3.New(s.AWS, map[string]string{"journal": s.JournalBucket})
	start.Lambda(f, handler.Handler(feedback.New(f.Base)))
}
