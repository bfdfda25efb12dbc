package command

import (
	"strings"
	"sync"

	"example.org/mend/shared/inbox/language"
	"example.org/mend/shared/mend"
)

// orderRow is a row of the table of orders.
type orderRow struct {
	name Name
	rest func(order *Order, said []word, today mend.Date) bool // reads what follows; nil: nothing may
}

// stopFor is the row of "STOP for a week".
const stopFor Name = "stop for"

// orderTable is the table of orders of design section 7: phrases, the name, and what may follow.
var orderTable = []struct {
	phrases string
	orderRow
}{
	{"stop | stop it | stop letters | stop the letters | stop everything", orderRow{stopFor, stopRest}},
	{"pause | pause it | pause letters | pause the letters | pause everything", orderRow{Pause, pauseRest}},
	{"resume | unpause | start again | restart | continue | unpause letters | resume letters", orderRow{Resume, nil}},
	{"skip | skip this one | skip it | skip today | skip this | skip one | skip next", orderRow{Skip, nil}},
	{"snooze | snooze it | remind me | remind me in | remind me again", orderRow{Snooze, snoozeRest}},
	{"daily | every day", orderRow{Daily, nil}},
	{"weekdays | on weekdays | every weekday", orderRow{Weekdays, nil}},
	{"weekly | every week | once a week", orderRow{Weekly, daysRest}},
	{"fortnightly | every fortnight | every two weeks | every other week | every 2 weeks | biweekly", orderRow{Fortnightly, daysRest}},
	{"monthly | every month | once a month", orderRow{Monthly, dayRest}},
	{"not for me | this is not for me | this isn't for me", orderRow{NotForMe, nil}},
	{"kept | kept it | i kept it | kept my promise | i kept my promise | done | it's done | all done | did it | i did it | i did | yes | yes please | yes i did | kept yes", orderRow{Kept, nil}},
	{"not yet | no not yet | still not yet | not done yet | not yet done", orderRow{NotYet, notYetRest}},
	{"let go | let it go | i let it go | let this go | i let go", orderRow{LetGo, nil}},
}

// vocabularyOf is what orders are read with.
type vocabularyOf struct {
	orders     map[string]orderRow
	greetings  map[string]bool
	courtesies map[string]bool
	unspaced   []string // words for a pause, in scripts without spaces
}

// tables is built when the first order is looked for.
var tables = sync.OnceValue(func() *vocabularyOf {
	v := &vocabularyOf{
		orders:     map[string]orderRow{},
		greetings:  setOf(language.Phrases(language.Greetings)),
		courtesies: setOf(language.Phrases(language.Courtesies)),
	}
	for _, row := range orderTable {
		for phrase := range strings.SplitSeq(row.phrases, " | ") {
			v.orders[phrase] = row.orderRow
		}
	}
	for _, phrase := range language.Phrases(language.Pause) {
		if _, ok := v.orders[phrase]; !ok {
			v.orders[phrase] = orderRow{Pause, pauseRest}
		}
		if strings.IndexFunc(phrase, language.IsUnspaced) >= 0 {
			v.unspaced = append(v.unspaced, phrase)
		}
	}
	return v
})

func setOf(words []string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}
