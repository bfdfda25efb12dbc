package inbox_test

import (
	"html"
	"strings"
	"testing"

	"example.org/mend/shared/inbox"
)

// TestAttributionsOfEveryForm holds the rules that no single client needs: names of every kind,
// dates of every kind, with and without an address, with a colon or the quote's mark behind it.
func TestAttributionsOfEveryForm(t *testing.T) {
	const (
		line  = "Good to hear. I will call her tonight."
		words = line + "\nThank you."
	)
	names := []string{"Ann Example", "Ann", "Example, Ann", "ann@example.org", "'Ann B. Example'", "Dr. Ann Example",
		"Ann (Example Ltd.)"}
	dates := []string{"3 March 2026", "Tue, 3 Mar 2026", "Tue, Mar 3, 2026 at 10:15 AM", "03/03/2026 10:15",
		"2026-03-03 10:15", "3 Mar 2026 10:15:22 +0100", "3.3.2026", "3/3/26"}
	forms := []struct {
		text  string
		ended bool // by the verb or the address, so that it needs no colon above marks
	}{
		{"On DATE, NAME wrote", true}, {"On DATE NAME wrote", true}, {"DATE, NAME wrote", true},
		{"On DATE, at 10:15, NAME wrote", true}, {"On DATE, NAME <ann@example.org> wrote", true},
		{"NAME <ann@example.org> wrote", false}, {"DATE NAME <ann@example.org>", false},
		{"NAME wrote on DATE", false}, {"NAME <ann@example.org> wrote on DATE", false},
		{"NAME [mailto:ann@example.org] wrote on DATE", false}, {"Quoting NAME <ann@example.org>", false},
		{"In a message dated DATE, ann@example.org writes", false},
		{"Am DATE schrieb NAME", false}, {"NAME schrieb am DATE", false}, {"Le DATE, NAME a écrit", true},
		{"El DATE, NAME escribió", true}, {"NAME escribió el DATE", false}, {"Il giorno DATE NAME ha scritto", true},
		{"Op DATE schreef NAME", false}, {"Em DATE, NAME escreveu", true}, {"Den DATE skrev NAME", false},
		{"W dniu DATE NAME napisał(a)", true}, {"DATE пользователь NAME написал", true},
		{"DATE, NAME написал(а)", true}, {"Dne DATE NAME napsal(a)", true}, {"DATE tarihinde NAME şunu yazdı", true},
	}
	for _, form := range forms {
		for _, name := range names {
			for _, date := range dates {
				head := strings.NewReplacer("NAME", name, "DATE", date).Replace(form.text)
				marks := "\n> How did it go?\n> What did you say?\n"
				bodies := map[string]string{
					"above marks":         words + "\n\n" + head + ":" + marks,
					"glued to the words":  words + " " + head + ":" + marks,
					"glued to the quote":  words + "\n" + head + ":> How did it go?\n> And then?\n",
					"with a space before": words + "\n\n" + head + " :" + marks,
				}
				if form.ended {
					bodies["without a colon"] = words + "\n\n" + head + marks
				}
				for where, body := range bodies {
					if got := inbox.ReadText(body, inbox.Letter{}).Words; got != words {
						t.Errorf("%s %s: %q", head, where, got)
					}
				}
				page := "<div>" + strings.Replace(words, "\n", "<br>", 1) + "</div><div>" + html.EscapeString(head) +
					":<br><blockquote>How did it go?</blockquote></div>"
				if got := inbox.ReadHTML(page, inbox.Letter{}).Words; got != words {
					t.Errorf("%s in HTML: %q", head, got)
				}
			}
		}
	}
}

// TestALanguageThatTheTableLacks reads attributions by their date, address and marks alone.
func TestALanguageThatTheTableLacks(t *testing.T) {
	const words = "Good to hear."
	for _, head := range []string{
		"Mnamo Jum 3 Mac 2026, saa 10:15, Ann <ann@example.org> aliandika:",
		"On Jum 3 Mac 2026, saa 10:15, Ann aliandika:",
		"Ar Fri, 3 Maw 2026 am 10:15, ysgrifennodd Ann <ann@example.org>:",
		"otrd., 2026. g. 3. marts, plkst. 10:15 — lietotājs Ann (<ann@example.org>) rakstīja:",
		"2026-03-03 10:15, an. Ann Example <ann@example.org> rašė:",
	} {
		if got := inbox.ReadText(words+"\n\n"+head+"\n> How did it go?\n", inbox.Letter{}).Words; got != words {
			t.Errorf("%s: %q", head, got)
		}
	}
}

// TestWordsBelowABlockquoteAreKept has quotes of the author's between a line that announces them
// and words that go on.
func TestWordsBelowABlockquoteAreKept(t *testing.T) {
	for _, quoted := range []string{
		"On Tue, 3 Mar 2026 at 10:15, Ben wrote:<br>How did it go?",
		"From: Ben<br>Sent: Tuesday, March 3, 2026<br>To: Ann<br>Subject: x<br>How did it go?",
	} {
		page := "<div>Here is what he wrote to me on Monday:</div><blockquote>" + quoted +
			"</blockquote><div>And then?</div>"
		if got := inbox.ReadHTML(page, inbox.Letter{}).Words; !strings.Contains(got, "And then?") {
			t.Errorf("%s: %q", quoted, got)
		}
	}
}
