package command_test

import (
	"strings"
	"testing"
	"time"

	"example.org/mend/shared/inbox/command"
	"example.org/mend/shared/mend"
)

// wednesday is the day on which the tests' people write.
var wednesday = mend.Date{Year: 2026, Month: time.March, Day: 4}

func TestVerbsAreForgiving(t *testing.T) {
	tests := []struct {
		words string
		want  command.VerbName // "" for none
		rest  string
	}{
		{"STOP", command.Stop, ""},
		{"stop.", command.Stop, ""},
		{"Hi Mend,\n\nplease stop!\n\nThanks", command.Stop, "Hi Mend,\n\n\nThanks"},
		{"Hello, please stop, thank you", command.Stop, ""},
		{"“Stop”", command.Stop, ""},
		{"unsubscribe", command.Stop, ""},
		{"*STOP*", command.Stop, ""},
		{"Please stop sending me these emails", command.Stop, ""},
		{"I want to stop shouting.", "", "I want to stop shouting."},
		{"Stop me if you know this one", "", "Stop me if you know this one"},
		{"skip", command.Skip, ""},
		{"Resume please", command.Resume, ""},
		{"WEEKLY\nIt was a long day.", command.Weekly, "It was a long day."},
		{"Weekly is how we meet.", "", "Weekly is how we meet."},
		{"pause", command.Pause, ""},
		{"Pause for thought: I was wrong.", "", "Pause for thought: I was wrong."},
		{"kept!", command.Kept, ""},
		{"Not yet.", command.NotYet, ""},
		{"NOT YET by Sunday", command.NotYet, ""},
		{"Not yet, tomorrow!", command.NotYet, ""},
		{"Not yet by my own lights.", "", "Not yet by my own lights."},
		{"Not yet, I was ill", "", "Not yet, I was ill"},
		{"let go", command.LetGo, ""},
		{"one\ntwo\nthree\nskip", "", "one\ntwo\nthree\nskip"},
	}
	for _, test := range tests {
		verbs, rest := command.Verbs(test.words, wednesday)
		got := command.VerbName("")
		if len(verbs) > 0 {
			got = verbs[0].Name
		}
		if got != test.want || rest != test.rest {
			t.Errorf("Verbs(%q) = %q, rest %q; want %q, rest %q", test.words, got, rest, test.want, test.rest)
		}
	}
}

func TestNotYetMayNameAnotherDay(t *testing.T) {
	for words, want := range map[string]string{
		"not yet": "", "not yet by Sunday": "sunday", "not yet, tomorrow": "thursday", "not yet by next week": "unclear", "not yet by 3/4": "unclear",
		"not yet by 2020-01-01": "unclear",
	} {
		verbs, _ := command.Verbs(words, wednesday, command.ToPromise...)
		if len(verbs) != 1 || verbs[0].Name != command.NotYet {
			t.Errorf("%q: %+v", words, verbs)
			continue
		}
		got := ""
		if v := verbs[0]; v.Unclear {
			got = "unclear"
		} else if !v.Until.IsZero() {
			got = strings.ToLower(v.Until.Weekday().String())
		}
		if got != want {
			t.Errorf("%q: another day %q, want %q", words, got, want)
		}
	}
}

func TestStopWins(t *testing.T) {
	verbs, rest := command.Verbs("4\nPAUSE 2 weeks\nSTOP\nI need quiet.", wednesday)
	if len(verbs) != 1 || verbs[0].Name != command.Stop {
		t.Errorf("verbs = %+v, want only stop", verbs)
	}
	if want := "4\nPAUSE 2 weeks\nI need quiet."; rest != want {
		t.Errorf("rest = %q, want %q", rest, want)
	}
}

func TestMoodStandsAloneOnItsLine(t *testing.T) {
	for words, want := range map[string]int{
		"4": 4, "4.": 4, " *2* ": 2, "3/5": 3, "5!\nA good day.": 5,
		"6": 0, "0": 0, "4 of us went": 0, "1. the first\n2. the second": 0, "12": 0, "4 5": 0,
	} {
		got := 0
		verbs, _ := command.Verbs(words, wednesday)
		for _, v := range verbs {
			if v.Name == command.Mood {
				got = v.Mood
			}
		}
		if got != want {
			t.Errorf("mood of %q = %d, want %d", words, got, want)
		}
	}
}

func TestVerbsThatDoNotAnswerTheLetterAreWords(t *testing.T) {
	verbs, rest := command.Verbs("Not yet.", wednesday, command.ToCheckIn...)
	if len(verbs) != 0 || rest != "Not yet." {
		t.Errorf("Verbs = %+v, %q; want none, and the words", verbs, rest)
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
		verbs, _ := command.Verbs(test.words, wednesday)
		if len(verbs) != 1 {
			t.Errorf("Verbs(%q) = %+v, want one", test.words, verbs)
			continue
		}
		v := verbs[0]
		if v.Until.String() != test.until || v.For != test.span || v.Unclear != test.unclear {
			t.Errorf("Verbs(%q): until %q, for %v, unclear %v; want %q, %v, %v", test.words, v.Until, v.For, v.Unclear, test.until, test.span, test.unclear)
		}
	}
}

func TestPromises(t *testing.T) {
	tests := []struct{ line, words, due string }{ // due "?" is unclear, "" is no promise
		{"PROMISE call my sister by Friday", "call my sister", "2026-03-06"},
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
		verbs, _ := command.Verbs(test.line, wednesday)
		var words, due string
		if len(verbs) > 0 && verbs[0].Promise != nil {
			p := verbs[0].Promise
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
