package command_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
)

// wednesday is the day on which the tests' people write.
var wednesday = mend.Date{Year: 2026, Month: time.March, Day: 4}

func TestOrdersAreForgiving(t *testing.T) {
	tests := []struct {
		words string
		want  command.Name // "" for none
		rest  string
	}{
		{"skip", command.Skip, ""},
		{"Resume please", command.Resume, ""},
		{"WEEKLY\nIt was a long day.", command.Weekly, "It was a long day."},
		{"Weekly is how we meet.", "", "Weekly is how we meet."},
		{"pause", command.Pause, ""},
		{"Pause for thought: I was wrong.", "", "Pause for thought: I was wrong."},
		{"kept!", command.Kept, ""},
		{"KEPT?", command.Kept, ""},
		{"done", command.Kept, ""},
		{"Not yet.", command.NotYet, ""},
		{"NOT YET by Sunday", command.NotYet, ""},
		{"not yet but by Friday", command.NotYet, ""},
		{"Not yet, tomorrow!", command.NotYet, ""},
		{"Not yet by my own lights.", "", "Not yet by my own lights."},
		{"Not yet, I was ill", "", "Not yet, I was ill"},
		{"let go", command.LetGo, ""},
		{"FORTNIGHTLY", command.Fortnightly, ""},
		{"every two weeks, please", command.Fortnightly, ""},
		{"WEEKLY on Thursday", command.Weekly, ""},
		{"monthly on the 3rd", command.Monthly, ""},
		{"not for me", command.NotForMe, ""},
		{"STOP for a week", command.Pause, ""},
		{"Stop until May", command.Pause, ""}, // asked back: which day of May?
		{"Please pause my letters for a month", command.Pause, ""},
		{"1. PAUSE 2 weeks", command.Pause, ""},
		{"Pause for about two weeks", command.Pause, ""},
		{"Skip the next one", command.Skip, ""},
		{"Resume my letters please", command.Resume, ""},
		{"Stop until Friday, please", command.Pause, ""},
		{"one\ntwo\nthree\nskip", "", "one\ntwo\nthree\nskip"},
		{"one\ntwo\nthree\nfour\nPROMISE call her by Friday", command.MakePromise, "one\ntwo\nthree\nfour"},
		{"skip" + strings.Repeat("!", 500), "", "skip" + strings.Repeat("!", 500)},
	}
	for _, test := range tests {
		r := command.Read(test.words, wednesday)
		got := command.Name("")
		if len(r.Orders) > 0 {
			got = r.Orders[0].Name
		}
		if got != test.want || r.Rest != test.rest {
			t.Errorf("Read(%q) = %q, rest %q; want %q, rest %q", test.words, got, r.Rest, test.want, test.rest)
		}
	}
}

func TestWhatOnlyLooksLikeAnOrderIsAskedBack(t *testing.T) {
	for words, want := range map[string]bool{
		"PAUSE 3": true, "SKIP 2": true, "skip 2": true, "PROMISE": true, "PROMISE by Friday": true,
		"WEEKLY on my own": true, "RESUME on my own": true, "STOP for a bit": true, "Pause for thought": false,
		"Skip the part about him": false, "Weekly is how we meet": false, "Kept quiet again": false, "I promise": false,
		"PAUSE 3 days": false, "Continue as we were": false, "PAUSE -2 weeks": true, "pause - 2 weeks": false,
		"Pause half a month": true, "PAUSE ½ year": true, "PAUSE 2½ weeks": true,
		"skip this week": true, "Skip tomorrow": true,
		"EVERY THREE WEEKS": true, "QUARTERLY": true, "CHANGE TIME TO 8 PM": true, "Every morning": false,
		"Every day this week": false, "Pause, then the day went on": false,
		"Rest": false, "Hold": false,
	} {
		r := command.Read(words, wednesday, command.ToCheckIn...)
		if got := len(r.Unknown) > 0; got != want {
			t.Errorf("%q: asked back %v, want %v (orders %+v)", words, got, want, r.Orders)
		}
		if (words == "Rest" || words == "Hold") && len(r.Orders) > 0 {
			t.Errorf("%q: %+v; a whole answer may be one word", words, r.Orders)
		}
		if want && r.Rest != words {
			t.Errorf("%q: rest %q; what is not understood stays", words, r.Rest)
		}
	}
}

func TestRhythmsNameTheirDays(t *testing.T) {
	r := command.Read("weekly on Monday and Thursdays", wednesday)
	if len(r.Orders) != 1 || !slices.Equal(r.Orders[0].Days, []time.Weekday{time.Monday, time.Thursday}) {
		t.Errorf("weekly on two days: %+v", r.Orders)
	}
	if r = command.Read("MONTHLY on the 3rd", wednesday); len(r.Orders) != 1 || r.Orders[0].Day != 3 {
		t.Errorf("monthly on a day: %+v", r.Orders)
	}
}

func TestDatesInOtherLanguages(t *testing.T) {
	for words, want := range map[string]string{
		"Pause bis Freitag": "2026-03-06", "pause jusqu'à vendredi": "2026-03-06",
		"pausa hasta el viernes": "2026-03-06", "pausa até sexta-feira": "2026-03-06",
		"pausa fino a venerdì": "2026-03-06", "pauze tot vrijdag": "2026-03-06", "paus till fredag": "2026-03-06",
		"pause til fredag": "2026-03-06", "pauza do piątku": "2026-03-06", "пауза до пятницы": "2026-03-06",
		"пауза до п'ятниці": "2026-03-06", "PAUSE 到周五": "2026-03-06", "暂停到星期五": "2026-03-06",
		"PAUSE 金曜日まで": "2026-03-06", "PAUSE 금요일까지": "2026-03-06", "PAUSE حتى الجمعة": "2026-03-06",
		"PAUSE עד שישי": "2026-03-06", "PAUSE शुक्रवार तक": "2026-03-06", "PAUSE cuma": "2026-03-06",
		"Pause 3 Tage": "2026-03-07", "pause pour deux semaines": "2026-03-18", "pausa por una semana": "2026-03-11",
		"pausa per tre giorni": "2026-03-07", "pauze voor twee weken": "2026-03-18", "пауза на неделю": "2026-03-11",
		"PAUSE 3天": "2026-03-07", "PAUSE 2週間": "2026-03-18", "PAUSE 3일": "2026-03-07", "Pause bis morgen": "2026-03-05",
		"pausa hasta mañana": "2026-03-05", "pause bis 3. April": "2026-04-03", "pause jusqu'au 3 avril": "2026-04-03",
	} {
		r := command.Read(words, wednesday)
		got := ""
		if len(r.Orders) == 1 && r.Orders[0].Name == command.Pause {
			got = r.Orders[0].Until.String()
		}
		if got != want {
			t.Errorf("%q: until %q, want %q (%+v)", words, got, want, r)
		}
	}
}

func TestNotYetMayNameAnotherDay(t *testing.T) {
	for words, want := range map[string]string{
		"not yet": "", "not yet by Sunday": "sunday", "not yet, tomorrow": "thursday",
		"not yet by next week": "unclear", "not yet by 3/4": "unclear",
		"not yet by 2020-01-01": "unclear",
	} {
		orders := command.Read(words, wednesday, command.ToPromise...).Orders
		if len(orders) != 1 || orders[0].Name != command.NotYet {
			t.Errorf("%q: %+v", words, orders)
			continue
		}
		got := ""
		if v := orders[0]; v.Unclear {
			got = "unclear"
		} else if !v.Until.IsZero() {
			got = strings.ToLower(v.Until.Weekday().String())
		}
		if got != want {
			t.Errorf("%q: another day %q, want %q", words, got, want)
		}
	}
}

func TestMoodStandsAloneOnItsLine(t *testing.T) {
	for words, want := range map[string]int{
		"4": 4, "4.": 4, " *2* ": 2, "3/5": 3, "3 / 5": 3, "4 out of 5": 4, "４": 4, "٤": 4, "5!\nA good day.": 5,
		"5 :)": 5, "4 🙂": 4, "5/10": 0, "3-4": 0, "6": 0, "0": 0, "4 of us went": 0,
		"1. the first\n2. the second": 0, "12": 0, "4 5": 0,
	} {
		got := 0
		orders := command.Read(words, wednesday).Orders
		for _, v := range orders {
			if v.Name == command.Mood {
				got = v.Mood
			}
		}
		if got != want {
			t.Errorf("mood of %q = %d, want %d", words, got, want)
		}
	}
}

func TestSnoozeInCapitalsIsAskedBackWhereItDoesNotFit(t *testing.T) {
	for words, want := range map[string]int{"SNOOZE 2h": 1, "Remind me tomorrow": 0} {
		r := command.Read(words, wednesday, command.ToCheckIn...)
		if len(r.Orders) != 0 || len(r.Unknown) != want || r.Rest != words {
			t.Errorf("Read(%q) = %+v; want %d unknown, and the words", words, r, want)
		}
	}
}

func TestOrdersThatDoNotAnswerTheLetterAreWords(t *testing.T) {
	r := command.Read("Not yet.", wednesday, command.ToCheckIn...)
	if len(r.Orders) != 0 || r.Rest != "Not yet." {
		t.Errorf("Read = %+v; want no order, and the words", r)
	}
}

func TestPauseAndSnooze(t *testing.T) {
	tests := []struct {
		words   string
		until   string
		span    time.Duration
		unclear bool
	}{
		{"PAUSE", "", 0, false},
		{"PAUSE 3 days", "2026-03-07", 0, false},
		{"Pause for half a year", "2026-09-04", 0, false},
		{"pause for two weeks", "2026-03-18", 0, false},
		{"pause a month", "2026-04-04", 0, false},
		{"pause until 1 April", "2026-04-01", 0, false},
		{"pause until friday", "2026-03-06", 0, false},
		{"pause until next friday", "", 0, true},
		{"pause until things settle", "", 0, true},
		{"SNOOZE 2h", "", 2 * time.Hour, false},
		{"snooze 30 minutes", "", 30 * time.Minute, false},
		{"Snooze for an hour, please", "", time.Hour, false},
		{"snooze tomorrow", "2026-03-05", 0, false},
	}
	for _, test := range tests {
		orders := command.Read(test.words, wednesday).Orders
		if len(orders) != 1 {
			t.Errorf("Read(%q) = %+v, want one", test.words, orders)
			continue
		}
		v := orders[0]
		if v.Until.String() != test.until || v.For != test.span || v.Unclear != test.unclear {
			t.Errorf("Read(%q): until %q, for %v, unclear %v; want %q, %v, %v",
				test.words, v.Until, v.For, v.Unclear, test.until, test.span, test.unclear)
		}
	}
}

func TestPromises(t *testing.T) {
	tests := []struct{ line, words, due string }{ // due "?" is unclear, "" is no promise
		{"PROMISE call my sister by Friday", "call my sister", "2026-03-06"},
		{"PROMISE call my sister by today", "call my sister", "2026-03-04"},
		{"PROMISE call my sister today. Thanks", "call my sister", "2026-03-04"},
		{"Promise: call my sister by Friday.", "call my sister", "2026-03-06"},
		{"I promise to call my sister tomorrow", "call my sister", "2026-03-05"},
		{"promise to write the letter on 3 April", "write the letter", "2026-04-03"},
		{"promise to write the letter by March 3rd", "write the letter", "2027-03-03"},
		{"promise pay it back in two weeks", "pay it back", "2026-03-18"},
		{"promise pay it back within 10 days", "pay it back", "2026-03-14"},
		{"promise tidy the shed by the end of the month", "tidy the shed", "2026-03-31"},
		{"promise tidy the shed this weekend", "tidy the shed", "2026-03-08"},
		{"promise be home by 6pm on Friday", "be home", "2026-03-06"},
		{"promise be there by Friday 6 March", "be there", "2026-03-06"},
		{"promise be there by Friday 7 March", "be there by Friday 7 March", "?"},
		{"promise call by 2026-03-31", "call", "2026-03-31"},
		{"promise call by 31/3", "call", "2026-03-31"},
		{"promise call by 3/4", "call by 3/4", "?"},
		{"promise call by 3.4.", "call", "2026-04-03"},
		{"promise call by the 15th", "call", "2026-03-15"},
		{"promise call by next Friday", "call by next Friday", "?"},
		{"promise call by Wednesday", "call by Wednesday", "?"},
		{"promise call by next week", "call by next week", "?"},
		{"promise call by 1 March 2020", "call by 1 March 2020", "?"},
		{"promise call by 31 April", "call by 31 April", "?"},
		{"promise to be kinder", "be kinder", "?"},
		{"I promise that I never meant to hurt you.", "", ""},
		{"I promise to be there soon", "", ""},
	}
	for _, test := range tests {
		orders := command.Read(test.line, wednesday).Orders
		var words, due string
		if len(orders) > 0 && orders[0].Promise != nil {
			p := orders[0].Promise
			words, due = p.Words, p.Due.String()
			if p.Unclear {
				due = "?" + due
			}
		}
		if words != test.words || due != test.due {
			t.Errorf("%q promises %q due %q, want %q due %q", test.line, words, due, test.words, test.due)
		}
	}
}
