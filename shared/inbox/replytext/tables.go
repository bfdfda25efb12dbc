package replytext

import (
	"strings"
	"sync"

	"example.org/mend/shared/inbox/language"
)

// field is a line of a header block.
type field uint8

const (
	noField field = iota
	fieldFrom
	fieldSent
	fieldTo
	fieldCc
	fieldSubject
	fieldOther
)

// labelTopics are the topics of the fields, in their order.
var labelTopics = []*language.Topic{
	language.From, language.Sent, language.To, language.Cc, language.Subject, language.Other,
}

// table holds what is not looked up as it is written.
type table struct {
	labels    map[string]field
	weekdays  map[string]bool
	shortDays map[string]bool // their first letters
}

// tables is built when the first message is read.
var tables = sync.OnceValue(func() *table {
	t := &table{labels: map[string]field{}, weekdays: map[string]bool{}, shortDays: map[string]bool{}}
	// The same word is From in one language and To in another. The first field wins, so that the
	// outcome does not depend on the order of the languages.
	for i, topic := range labelTopics {
		for _, label := range topic.Phrases() {
			if _, ok := t.labels[label]; !ok {
				t.labels[label] = field(i + 1)
			}
		}
	}
	for _, forms := range language.Weekdays.Phrases() {
		for day := range strings.SplitSeq(forms, "/") {
			t.weekdays[day] = true
			for i := range day {
				if i >= 2 {
					t.shortDays[day[:i]] = true
				}
			}
		}
	}
	return t
})
