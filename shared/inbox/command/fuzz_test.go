package command_test

import (
	"strings"
	"testing"

	"example.org/mend/shared/inbox/command"
)

// FuzzRead holds the reading of orders to what it promises whatever comes: no panic, and no
// word that was not typed.
func FuzzRead(f *testing.F) {
	for _, all := range plainStops {
		for _, words := range all {
			f.Add(words)
		}
	}
	for _, words := range []string{
		"4\nPROMISE call her by Friday", "PAUSE bis Freitag\nich bin müde", "PAUSE 3", "weekly on Monday",
		"S.T.O.P. - 停止してください",
	} {
		f.Add(words)
	}
	f.Fuzz(func(t *testing.T, words string) {
		r := command.Read(words, wednesday)
		for line := range strings.SplitSeq(r.Rest, "\n") {
			if !strings.Contains(words, line) {
				t.Errorf("the rest has the line %q, which was not typed", line)
			}
		}
		if r.Stop == command.StopPlain && len(r.Orders) > 0 {
			t.Error("other orders beside a plain stop")
		}
		command.FindStopInSubject(words)
		command.OnlyAround(words)
	})
}
