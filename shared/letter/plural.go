package letter

import "strings"

// Answers lists the names of the notices that answer a reply: what was followed, and what was not understood.
var Answers = []string{
	"paused", "resumed", "skipped", "settings-changed", "not-for-me", "promise-when", "order-unclear", "stop-ask",
}

// Notices lists the names of [Notice].
var Notices = append([]string{
	"already-signed-up", "reply-quarantined", "no-contact", "address-change", "address-changed", "erased", "goodbye",
}, Answers...)

// Housekeepings lists the names of [Housekeeping].
var Housekeepings = []string{"still-fits", "slower"}

// plurals says which of its plural forms (named as in Unicode's CLDR) a language uses for a number. A
// language needs an entry here before it can have words.
var plurals = map[string]pluralRule{
	"en": {[]string{"one", "other"}, func(n int) string {
		if n == 1 {
			return "one"
		}
		return "other"
	}},
}

type pluralRule struct {
	forms []string
	of    func(n int) string
}

func pluralsOf(tag string) pluralRule {
	if rule, ok := plurals[base(tag)]; ok {
		return rule
	}
	return plurals[fallback]
}

// base is the language of a tag without its region or script: "pt" of "pt-BR".
func base(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	return language
}

// PluralForms lists the plural forms that the words of a language need; false where the program does not know them.
func PluralForms(tag string) ([]string, bool) {
	rule, ok := plurals[base(tag)]
	return rule.forms, ok
}
