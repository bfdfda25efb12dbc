// Package letters makes what composes letters, for the functions that do.
package letters

import (
	"example.org/mend/content"
	"example.org/mend/functions/internal/settings"
	"example.org/mend/functions/internal/start"
	"example.org/mend/shared/letter"
)

// Composer composes the letters of a stack. It ends the process where the settings cannot be used.
func Composer(s settings.Settings) *letter.Composer {
	composer, err := letter.New(content.Languages(), letter.Config{
		Site: s.Site, From: s.From, SenderName: "Mend", ReplyDomain: s.ReplyDomain, ListDomain: s.From.Domain(),
	})
	start.Must(err)
	return composer
}
