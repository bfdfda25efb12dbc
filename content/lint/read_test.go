package lint

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

const file = "amends/07-name-the-harm.md"

const whole = `---
number: 17 # a bit
id: amends.name-the-harm
title: Name the harm
point: Say what you did.
advice: [amends.reflect, amends.apologise]
role: broke-trust
contact: none
minutes: 10
related: [amends.three-cups]
---

Most of us carry what we did
in a *blur*.

- One thing
- and another,
  which goes on

## Practice

Write one line.

## Questions

1. What was it like,
   then?
2. And now?

3. And later?
`

func parsed(file, text string) *Draft {
	return parse(&source{File: file, at: map[string]place{}}, text)
}

func TestAWholeCard(t *testing.T) {
	lib, err := Load(fstest.MapFS{file: {Data: []byte(whole)}})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := lib.ByNumber(17)
	want := &content.Card{
		Number: 17, ID: "amends.name-the-harm", Path: "amends", Order: 7, Title: "Name the harm",
		Point: "Say what you did.", Role: mend.BrokeTrust, Contact: content.None, Minutes: 10, Writes: true,
		Idea:      []string{"Most of us carry what we did in a *blur*.", "- One thing\n- and another, which goes on"},
		Practice:  []string{"Write one line."},
		Questions: [3]string{"What was it like, then?", "And now?", "And later?"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the card (-want +got):\n%s", diff)
	}
}

func TestAnEditorsMachineMayWriteItsOwnLineEnds(t *testing.T) {
	windows := "\ufeff" + strings.ReplaceAll(whole, "\n", "\r\n")
	if got, want := parsed(file, windows), parsed(file, whole); !cmp.Equal(got.Card, want.Card) || len(got.faults) > 0 {
		t.Errorf("with a byte order mark and CRLF: got %+v, %v", got.Card, got.faults)
	}
}

// Each case breaks the whole card in one place; the error says where, and what to write instead.
func TestABrokenCardSaysWhereAndWhatToWrite(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           string // how the error begins, and after " … " what else it says
	}{
		{"no front matter", "---\nnumber", "number",
			`amends/07-name-the-harm.md:1:1: the front matter stands between two lines "---"`},
		{"no end of the front matter", "three-cups]\n---\n", "three-cups]\n",
			`amends/07-name-the-harm.md:1:1: the front matter stands between`},
		{"unknown key", "point: Say what you did.", "pint: Say what you did.",
			`amends/07-name-the-harm.md:5:1: unknown key "pint"; did you mean "point"?`},
		{"unknown key, nothing near", "point: Say what you did.", "colour: red",
			`amends/07-name-the-harm.md:5:1: unknown key "colour": write one of number, id,`},
		{"key twice", "minutes: 10", "minutes: 10\nminutes: 12",
			`amends/07-name-the-harm.md:10:1: minutes stands here a second time`},
		{"key missing", "minutes: 10\n", "",
			`amends/07-name-the-harm.md:1:1: the front matter has no minutes: add a line "minutes: …"`},
		{"key without value", "minutes: 10", "minutes:", `amends/07-name-the-harm.md:9:1: minutes has no value`},
		{"no colon", "minutes: 10", "minutes 10",
			`amends/07-name-the-harm.md:9:1: this is not YAML (non-map value is specified): write "key: value" on each line`},
		{"no space after the colon", "minutes: 10", "minutes:10",
			`amends/07-name-the-harm.md:9:1: this is not YAML (non-map value is specified): write "key: value" on each line`},
		{"word for a number", "minutes: 10", "minutes: ten",
			`amends/07-name-the-harm.md:9:10: minutes is a whole number from 2 to 60`},
		{"too long", "minutes: 10", "minutes: 61",
			`amends/07-name-the-harm.md:9:10: minutes is a whole number from 2 to 60`},
		{"number too high", "number: 17", "number: 512",
			`amends/07-name-the-harm.md:2:9: number is a whole number from 1 to 511`},
		{"misspelt role", "role: broke-trust", "role: broketrust",
			`amends/07-name-the-harm.md:7:7: role: "broketrust" is unknown; did you mean "broke-trust"?`},
		{"no such contact", "contact: none", "contact: telephone",
			`amends/07-name-the-harm.md:8:10: contact: "telephone" is unknown: write one of none, one-word, mutual`},
		{"no list", "advice: [amends.reflect, amends.apologise]", "advice: amends.reflect",
			`amends/07-name-the-harm.md:6:9: advice is a list of ids in brackets`},
		{"a mark in place of a list", "[amends.reflect, amends.apologise]", "!",
			`amends/07-name-the-harm.md:6:9: advice is a list of ids in brackets`},
		{"no id", "[amends.three-cups]", "[three cups]",
			`amends/07-name-the-harm.md:10:10: related: "three cups" is no id`},
		{"twice in a list", "[amends.three-cups]", "[amends.a, amends.a]",
			`amends/07-name-the-harm.md:10:10: related names amends.a twice`},
		{"id of another file", "id: amends.name-the-harm", "id: amends.name",
			`amends/07-name-the-harm.md:3:5: the id of this file is amends.name-the-harm; it is "amends.name"`},
		{"YAML would read a map", "title: Name the harm", "title: Name: the harm",
			`amends/07-name-the-harm.md:4:8: this is not YAML (mapping value is not allowed in this context): write "key: value" on each line, and put quotation marks around a value`},
		{"YAML would read an alias", "title: Name the harm", "title: *Name*",
			`amends/07-name-the-harm.md:4:8: title is a few words on one line; with a mark such as * at its beginning, put quotation marks`},
		{"quotation not closed", "title: Name the harm", `title: "Name the harm`,
			`amends/07-name-the-harm.md:4:8: this is not YAML (could not find end character`},
		{"heading misspelt", "## Practice", "## Practise",
			`amends/07-name-the-harm.md:20:1: a card has two headings, "## Practice" and then "## Questions", once each; this line is "## Practise"`},
		{"third heading", "## Questions", "## More\n\n## Questions",
			`amends/07-name-the-harm.md:24:1: a card has two headings`},
		{"no questions", "## Questions\n\n1. What was it like,\n   then?\n2. And now?\n\n3. And later?\n", "",
			`amends/07-name-the-harm.md:24:1: after the idea come "## Practice"`},
		{"two questions", "\n3. And later?\n", "",
			`amends/07-name-the-harm.md:24:1: there are 2 questions here: write three`},
		{"four questions", "3. And later?\n", "3. And later?\n4. And then?\n",
			`amends/07-name-the-harm.md:31:1: the questions are three`},
		{"questions not numbered", "1. What", "What", `amends/07-name-the-harm.md:26:1: the questions are three`},
		{"no practice", "Write one line.\n", "", `amends/07-name-the-harm.md:20:1: the practice is missing`},
		{"no idea", whole[strings.Index(whole, "Most"):strings.Index(whole, "## Pr")], "",
			`amends/07-name-the-harm.md:12:1: the idea is missing`},
		{"not UTF-8", "Most of us", "M\xf6st of us", `amends/07-name-the-harm.md: the file is not UTF-8`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(whole, c.old) {
				t.Fatalf("the whole card has no %q to break", c.old)
			}
			_, err := Load(fstest.MapFS{file: {Data: []byte(strings.Replace(whole, c.old, c.new, 1))}})
			if err == nil {
				t.Fatalf("got a library, want an error %q", c.want)
			}
			if got := strings.TrimPrefix(err.Error(), "reading the cards: "); !strings.HasPrefix(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAFileIsNamedAfterItsCard(t *testing.T) {
	for _, name := range []string{
		"amends/7-name-the-harm.md", "amends/07_name.md", "amends/07-Name.md", "amends/07-name.txt", "amends/07-.md",
	} {
		d := parsed(name, whole)
		if len(d.faults) != 1 || !strings.Contains(d.faults[0].Message, "07-name-the-harm.md") {
			t.Errorf("%s: got %v, want one finding that shows a good name", name, d.faults)
		}
	}
}

func TestTwoCardsShareNeitherNumberNorID(t *testing.T) {
	_, err := Load(fstest.MapFS{file: {Data: []byte(whole)}, "amends/08-name-the-harm.md": {Data: []byte(whole)}})
	for _, want := range []string{
		"amends/08-name-the-harm.md:2:9: number 17 is that of amends/07-name-the-harm.md",
		"amends/08-name-the-harm.md:3:5: id amends.name-the-harm is that of amends/07-name-the-harm.md",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to say %q", err, want)
		}
	}
}

func TestALibraryIsNotEmpty(t *testing.T) {
	if _, err := Load(fstest.MapFS{}); err == nil {
		t.Error("got a library of no cards, want an error")
	}
}
