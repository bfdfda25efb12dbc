package lint

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"example.org/mend/content"
	"example.org/mend/shared/mend"
)

// clean is a library that Lint has nothing to say about: 216 cards of
// made-up words, a list of one advice for each folder, and a list of banned words.
func clean() fstest.MapFS {
	files := fstest.MapFS{}
	for name, file := range cleanFiles() {
		files[name] = &fstest.MapFile{Data: file.Data}
	}
	return files
}

var cleanFiles = sync.OnceValue(func() fstest.MapFS {
	files := fstest.MapFS{bannedFile: {Data: []byte("# A comment\n\nforgiv* | nobody is owed it | leave it out\n" +
		"don't ask | it presses | wait\n! | it shouts | write a full stop\n")}}
	var advice strings.Builder
	for f, folder := range content.Folders() {
		if folder != content.Shared { // whose cards are all of one side
			fmt.Fprintf(&advice, "%s.reflect: Look inward.\n", folder)
		}
		for n := range 36 {
			source := folder
			if folder == content.Shared {
				source = mend.Apart
			}
			file := fmt.Sprintf("%s/%02d-card-%d.md", folder, n+1, n)
			random := rand.New(rand.NewPCG(uint64(f), uint64(n)))
			files[file] = &fstest.MapFile{Data: []byte(nonsense(folder, n, source, random))}
		}
	}
	files[AdviceFile] = &fstest.MapFile{Data: []byte(advice.String())}
	for _, path := range mend.Paths {
		files[PathsFolder+"/"+path+".yaml"] = &fstest.MapFile{Data: []byte(arcs(path))}
	}
	return files
})

// arcs is the file of a path: for each role its first twelve cards.
func arcs(path string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "path: %s\n", path)
	for _, role := range content.RolesOf(path) {
		fmt.Fprintf(&b, "%s:\n", role)
		for part := range 3 {
			fmt.Fprintf(&b, "  - part: Part %d\n    light: keep.card-%d\n    steps:\n", part+1, part)
			for step := range 4 {
				fmt.Fprintf(&b, "      - %s.card-%d\n", path, 4*part+step)
			}
		}
	}
	fmt.Fprintf(&b, "library: [%s.card-12, keep.card-20]\n", path)
	return b.String()
}

// household are words that the made-up ones must not be.
var household = func() pattern {
	i := slices.IndexFunc(rules().Habits, func(h habit) bool { return strings.Contains(h.Name, "household") })
	return rules().Habits[i].Match
}()

func nonsense(folder string, n int, source string, random *rand.Rand) string {
	var word func() string
	word = func() string {
		if random.IntN(40) == 0 {
			return "partner" // as the cards of three folders are to be about couples
		}
		w := string("bdfgklmnprstvz"[random.IntN(14)]) + string("aiou"[random.IntN(4)]) +
			string("bdgkmnpt"[random.IntN(8)])
		if household.MatchString(w) {
			return word()
		}
		return w
	}
	sentences := func(n int, end string) string {
		var all []string
		for range n {
			words := []string{"You'll"}
			for range 9 {
				words = append(words, word())
			}
			all = append(all, strings.Join(words, " ")+end)
		}
		return strings.Join(all, " ")
	}
	return fmt.Sprintf(`---
number: %d
id: %s.card-%d
title: Card %s %d
point: Look at one small thing today.
advice: [%s.reflect]
role: both
contact: none
minutes: 5
related: []
---

%s

## Practice

%s

## Questions

1. %s
2. %s
3. %s
`, 1+60*slices.Index(content.Folders(), folder)+n, folder, n, folder, n, source,
		sentences(8, "."), sentences(4, "."), sentences(1, "?"), sentences(1, "?"), sentences(1, "?"))
}

// leave takes out the files of all folders but those of some patterns.
func leave(files fstest.MapFS, patterns ...string) {
	maps.DeleteFunc(files, func(file string, _ *fstest.MapFile) bool {
		return strings.Contains(file, "/") && !slices.ContainsFunc(patterns, func(pattern string) bool {
			ok, _ := path.Match(pattern, file)
			return ok
		})
	})
}

func found(files fstest.MapFS) []Finding {
	all, _ := Lint(files)
	return all
}

func TestACleanLibrary(t *testing.T) {
	for _, f := range found(clean()) {
		t.Error(f)
	}
}

// Each case spoils the clean library in one way; there is that one finding and no other. Where it
// is not about counts, the cards of one folder and a few others do, and what they lack in
// number is passed over.
func TestLintFinds(t *testing.T) {
	const together = "together/03-card-2.md"
	text := string(clean()[together].Data)
	idea, practice, _ := strings.Cut(text[strings.Index(text, "You'll "):], "\n\n## Practice\n\n")
	practice, _, _ = strings.Cut(practice, "\n\n##")
	sentences := strings.SplitAfter(idea, ".")
	other := parsed("together/02-card-1.md", string(clean()["together/02-card-1.md"].Data)).Idea[0]
	far := parsed("amends/05-card-4.md", string(clean()["amends/05-card-4.md"].Data)).Idea[0]
	hard := "Incomprehensibility"
	for i := range 79 {
		hard += fmt.Sprintf("%s incomprehensibility%c%c", map[bool]string{true: "."}[i%16 == 15], 'b'+i%16, 'b'+i/16)
	}
	hard += "."
	for _, c := range []struct {
		name, file, old, new string
		want                 string
	}{
		{"broken card", together, "minutes: 5", "minutes: five",
			"together/03-card-2.md:9:10: minutes is a whole number"},
		{"long title", together, "Card together 2", strings.Repeat("Long ", 9), "the title has 44 characters"},
		{"unknown advice", together, "[together.reflect]", "[together.reflekt]",
			`together/03-card-2.md:6:9: together.reflekt is not in advice.txt; did you mean "together.reflect"?`},
		{"unknown related", together, "related: []", "related: [together.card-88]",
			`together/03-card-2.md:10:10: there is no card together.card-88; did you mean "together.card-8"?`},
		{"related to itself", together, "related: []", "related: [together.card-2]",
			"together/03-card-2.md:10:10: a card is not related to itself"},
		{"short idea", together, strings.Join(sentences[5:], ""), "",
			"together/03-card-2.md:13:1: the idea has 50 words, at least 60: add 10"},
		{"long idea", together, "\n\n## Practice", " Bag." + strings.Repeat(" Bag", 41) + ".\n\n## Practice",
			"together/03-card-2.md:13:1: the idea has 122 words, at most 120: cut 2"},
		{"four paragraphs", together, "\n\n## Practice", "\n\nA.\n\nB.\n\nC.\n\n## Practice",
			"together/03-card-2.md:19:1: the idea has 4 paragraphs"},
		{"short practice", together, practice, "Sit.",
			"together/03-card-2.md:17:1: the practice has 1 words, at least 25: add 24"},
		{"long question", together, "\n2. ", strings.Repeat(" man", 41) + "?\n2. ",
			"together/03-card-2.md:21:4: question 1 has 51 words"},
		{"no question", together, "?\n2. ", ".\n2. ", "together/03-card-2.md:21:4: question 1 asks nothing"},
		{"link", together, "\n\n## Practice", " See https://example.org.\n\n## Practice", "no links and no addresses"},
		{"address", together, "\n\n## Practice", " Ask a@example.org.\n\n## Practice", "no links and no addresses"},
		{"Markdown link", together, "\n\n## Practice", " See [this](that).\n\n## Practice", "no links and no pictures"},
		{"HTML", together, "\n\n## Practice", " See <b>this.\n\n## Practice", "no HTML"},
		{"entity", together, "\n\n## Practice", " This &amp; that.\n\n## Practice", "no HTML"},
		{"bold", together, "\n\n## Practice", " See **this**.\n\n## Practice", "the only emphasis is *one asterisk"},
		{"underscores", together, "\n\n## Practice", " See _this_.\n\n## Practice",
			"the only emphasis is *one asterisk"},
		{"code", together, "\n\n## Practice", " See `this`.\n\n## Practice", "no other Markdown"},
		{"quotation", together, "\n\n## Practice", "\n\n> See this.\n\n## Practice",
			"together/03-card-2.md:15:1: no other Markdown"},
		{"stray asterisk", together, "\n\n## Practice", " See * this.\n\n## Practice", "this asterisk has no partner"},
		{"emphasis left open", together, "\n\n## Practice", " See *this.\n\n## Practice",
			"this asterisk has no partner"},
		{"numbered list", together, "\n\n## Practice", "\n\n1. One\n\n## Practice",
			`together/03-card-2.md:15:1: a list has items that begin with "- "`},
		{"list in a paragraph", together, "\n\n## Practice", "\n- One\n\n## Practice",
			"together/03-card-2.md:14:1: put an empty line before the list"},
		{"banned word", together, "\n\n## Practice", "\nThey are\nForgiving.\n\n## Practice",
			`together/03-card-2.md:15:1: "Forgiving": nobody is owed it; leave it out`},
		{"banned word with a curly apostrophe", together, "\n\n## Practice", " Then don’t ask.\n\n## Practice",
			`"don’t ask": it presses; wait`},
		{"banned word in a title", together, "title: Card", "title: Forgive",
			`together/03-card-2.md:4:8: "Forgive": nobody is owed it; leave it out`},
		{"banned mark", together, "\n\n## Practice", " Go!\n\n## Practice", `"!": it shouts; write a full stop`},
		{"not this but that", together, "\n\n## Practice", " It is not a wall. It's a door.\n\n## Practice",
			"say what it is, without first saying what it is not"},
		{"hard words", together, idea, hard,
			"at most 9 (Flesch–Kincaid): use shorter words, and split sentences such as this one of 16 words"},
		{"same title", together, "Card together 2", "Card together 1",
			"together/03-card-2.md:4:8: together/02-card-1.md has this title already"},
		{"same opening", together, idea, strings.Join(strings.Fields(other)[:4], " ") + " man. " + idea,
			"together/03-card-2.md:13:1: together/02-card-1.md begins with the same 4 words"},
		{"same sentence", together, "\n\n## Practice", "\n" + strings.SplitAfter(far, ".")[2][1:] + "\n\n## Practice",
			"stands in amends/05-card-4.md:13 too: say it another way"},
		{"reaches somebody", together, "contact: none", "contact: one-word",
			"together/03-card-2.md:8:10: the practice reaches another person: say for whom it is not"},
		{"both needed on apart", "apart/05-card-4.md", "contact: none\nminutes: 5\nrelated: []\n---\n\n",
			"contact: mutual\nminutes: 5\nrelated: []\n---\n\nIf both want it. ",
			"apart/05-card-4.md:8:10: a card of apart reaches no one"},
		{"advice of no card", AdviceFile, "apart.reflect", "apart.nobody: Sit.\napart.reflect",
			"library: apart.nobody is the advice of 0 cards, at least 2"},
		{"advice twice", AdviceFile, "apart.reflect", "apart.reflect: Sit.\napart.reflect",
			"advice.txt:6:1: apart.reflect stands in line 5 already"},
		{"advice without a point", AdviceFile, "apart.reflect", "apart\napart.reflect",
			`advice.txt:5:1: a line reads "id: the point`},
		{"banned without a reason", bannedFile, "! | it shouts |", "! | |",
			`banned.txt:5:1: a line reads "the words | why`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := clean()
			counts := strings.HasPrefix(c.want, "library: ")
			if !counts {
				leave(files, "together/0*", "*/05-card-4.md")
			}
			before := string(files[c.file].Data)
			if !strings.Contains(before, c.old) {
				t.Fatalf("%s has no %q to spoil", c.file, c.old)
			}
			files[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(before, c.old, c.new, 1))}
			got := slices.DeleteFunc(found(files), func(f Finding) bool {
				return !counts && f.File == "" || path.Dir(f.File) == PathsFolder
			})
			if len(got) != 1 || !strings.Contains(got[0].Error(), c.want) {
				t.Errorf("got  %v\nwant one finding, %q", got, c.want)
			}
		})
	}
}

// Each case spoils what a card says about its place, or the order of a path, in a whole library.
func TestLintFindsWhatIsWrongWithSteps(t *testing.T) {
	const card, other, file = "together/03-card-2.md", "together/06-card-5.md", "paths/together.yaml"
	for _, c := range []struct {
		name, file, old, new string
		want                 string
	}{
		{"no point", card, "point: Look at one small thing today.\n", "",
			`together/03-card-2.md:1:1: the card has no point: add a line with the advice`},
		{"a point of two words", card, "Look at one small thing today.", "Look up.",
			"together/03-card-2.md:5:8: the point has 2 words, at least 4: add 2"},
		{"a point that does not end", card, "small thing today.", "small thing today",
			"together/03-card-2.md:5:8: the point is one plain sentence"},
		{"a long not_for", card, "related: []", "related: []\nnot_for: " + strings.Repeat("no ", 31) + "no.",
			"together/03-card-2.md:11:10: not_for has 32 words, at most 30: cut 2"},
		{"a question that needs the practice", card, "1. ", "1. How was it, and what did you notice? ",
			`together/03-card-2.md:21:4: question 1 needs the practice first ("How was it, and what did`},
		{"a question about a verb of the practice", card, "\n\n## Questions\n\n1. ",
			" Mute them.\n\n## Questions\n\n1. Did you mute them? ",
			`question 1 needs the practice first ("Did you mute them?`},
		{"another", card, "1. ", "1. What did you write first? ",
			`question 1 needs the practice first ("What did you write first`},
		{"a prerequisite that is not there", card, "related: []", "related: []\nafter: [together.card-222]",
			`together/03-card-2.md:11:8: after: there is no card "together.card-222"; did you mean "together.card-22"?`},
		{"a card that waits for itself", card, "related: []", "related: []\nafter: [together.card-2]",
			"together.card-2 → together.card-2: each of these cards waits for the next"},
		{"a step before its prerequisite", card, "related: []", "related: []\nafter: [together.card-5]",
			"paths/together.yaml:8:9: together.card-2 comes after together.card-5: put together.card-5 before it"},
		{"a number that is retired", retiredFile, "", "63 together.gone\n",
			"together/03-card-2.md:2:9: number 63 was that of together.gone, which is retired"},
		{"a step that is not there", file, "      - together.card-3\n", "      - together.card-333\n",
			`paths/together.yaml:9:9: steps: there is no card "together.card-333"; did you mean "together.card-33"?`},
		{"a step twice", file, "      - together.card-3\n", "      - together.card-2\n",
			"paths/together.yaml:9:9: together.card-2 is a step of this arc already"},
		{"a part of three steps", file, "      - together.card-3\n", "",
			`paths/together.yaml:3:11: the part "Part 1" of broke-trust has 3 steps: write 4`},
		{"a light card that is a step", file, "light: keep.card-0", "light: together.card-0",
			"paths/together.yaml:4:12: together.card-0 is a step of this arc"},
		{"no arc for a role", file, "was-hurt:", "# was-hurt:", "paths/together.yaml"},
		{"a mark in place of a list", file, "library: [", "library: ! # [", "paths/together.yaml"},
		{"a key that is none", file, "library:", "shelf:", "paths/together.yaml"},
		{"an arc for those who were hurt", "paths/amends.yaml", "both:", "was-hurt:", "paths/amends.yaml"},
		{"an arc that misses a point", AdviceFile, "together.reflect", "together.warm: Warm it.\ntogether.reflect",
			"paths/together.yaml:3:11: the arc for broke-trust does not meet together.warm (Warm it.)"},
		{"a library that names a card twice", file, "library: [together.card-12",
			"library: [together.card-12, together.card-12",
			"paths/together.yaml:68:29: library names together.card-12 twice"},
		{"a step for the other side", card, "role: both", "role: was-hurt",
			"paths/together.yaml:8:9: together.card-2 is for was-hurt: choose a card for broke-trust or both"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := clean()
			if c.file == retiredFile {
				files[c.file] = &fstest.MapFile{}
			}
			before := string(files[c.file].Data)
			if !strings.Contains(before, c.old) {
				t.Fatalf("%s has no %q to spoil", c.file, c.old)
			}
			files[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(before, c.old, c.new, 1))}
			leave(files, "together/[01]*", "together/23*", "together/34*", "keep/0*", "paths/*")
			got := found(files)
			if !slices.ContainsFunc(got, func(f Finding) bool { return strings.Contains(f.Error(), c.want) }) {
				t.Errorf("got  %v\nwant a finding, %q", got, c.want)
			}
		})
	}
	t.Run("a circle", func(t *testing.T) {
		files := clean()
		for file, after := range map[string]string{card: "together.card-5", other: "together.card-2"} {
			text := strings.Replace(string(files[file].Data), "related: []", "related: []\nafter: ["+after+"]", 1)
			files[file] = &fstest.MapFile{Data: []byte(text)}
		}
		want := "together/03-card-2.md:11:8: together.card-2 → together.card-5 → together.card-2"
		got := found(files)
		if !slices.ContainsFunc(got, func(f Finding) bool { return strings.HasPrefix(f.Error(), want) }) {
			t.Errorf("got %v, want %q", got, want)
		}
	})
}

// A card with a fault is one finding: the cards and paths that name it are not at fault.
func TestAFaultIsFoundOnce(t *testing.T) {
	files := clean()
	for file, change := range map[string][2]string{
		"together/03-card-2.md": {"minutes: 5", "minutes: five"},
		"together/06-card-5.md": {"related: []", "related: [together.card-2]\nafter: [together.card-2]"},
	} {
		files[file] = &fstest.MapFile{Data: []byte(strings.Replace(string(files[file].Data), change[0], change[1], 1))}
	}
	if got := found(files); len(got) != 1 || got[0].File != "together/03-card-2.md" {
		t.Errorf("got %v, want the fault alone", got)
	}
}

func beyondLimit(figure string) bool { return strings.HasSuffix(figure, "←") }

// The figures are printed whether they are in order or not, and one that is not is a finding.
func TestFiguresOfStyle(t *testing.T) {
	files := clean()
	_, figures := Lint(files)
	if len(figures) < 9 || slices.ContainsFunc(figures, beyondLimit) {
		t.Errorf("got %v, want nine and more, all in order", figures)
	}
	for file, f := range files {
		if strings.HasSuffix(file, ".md") {
			text := strings.NewReplacer("You'll", "Nobody", "partner", "soup").Replace(string(f.Data))
			files[file] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	findings, figures := Lint(files)
	for _, name := range []string{
		"contractions", "openings whose first paragraph has a \"you\"", "ideas with household objects",
		"cards on couples", "sentences that begin with",
	} {
		ok := slices.ContainsFunc(figures, func(f string) bool { return strings.HasPrefix(f, name) && beyondLimit(f) })
		found := slices.ContainsFunc(findings, func(f Finding) bool {
			return f.File == "" && strings.Contains(f.Message, strings.TrimSuffix(name, "s that begin with"))
		})
		if !ok || !found {
			t.Errorf("%s: got %v and %v, want a figure that is not in order, and a finding",
				name, figures, findings[:min(9, len(findings))])
		}
	}
}

func TestTheLibraryIsLargeEnough(t *testing.T) {
	remove := func(t *testing.T, pattern string, keep int) []Finding {
		files := clean()
		n := 0
		for _, folder := range content.Folders() {
			for i := range 36 {
				file := fmt.Sprintf("%s/%02d-card-%d.md", folder, i+1, i)
				if ok, _ := path.Match(pattern, file); !ok {
					continue
				}
				if n++; n > keep {
					delete(files, file)
				}
			}
		}
		return found(files)
	}
	t.Run("a year of weeks", func(t *testing.T) {
		if got := remove(t, "together/*", 16); len(got) != 0 {
			t.Errorf("16 of its own and 36 shared cards: got %v, want nothing", got)
		}
		got := remove(t, "together/*", 15)
		if len(got) != 8 { // three roles and none, each with and without contact
			t.Errorf("15 of its own and 36 shared cards: got %d findings, want 8: %v", len(got), got)
		}
		want := "library: together has 51 cards for those who broke trust, at least 52: " +
			"write 1 more for them in together or keep"
		if !slices.ContainsFunc(got, func(f Finding) bool { return f.Error() == want }) {
			t.Errorf("got %v, want among them %q", got, want)
		}
	})
	t.Run("in all", func(t *testing.T) {
		want := "library: cards: 179, at least 180: write more"
		got := remove(t, "[^k]*/*", 143)
		if !slices.ContainsFunc(got, func(f Finding) bool { return f.Error() == want }) {
			t.Errorf("got %v, want among them %q", got, want)
		}
	})
}

// A scaffold is a card but for what the editor has to write, and Lint asks for that.
func TestAScaffoldIsReadyToFillIn(t *testing.T) {
	files := clean()
	file, text, err := Scaffold(files, "together", "the-second-cup")
	if err != nil {
		t.Fatal(err)
	}
	if want := "together/37-the-second-cup.md"; file != want {
		t.Errorf("got %s, want %s", file, want)
	}
	files[file] = &fstest.MapFile{Data: []byte(text)}
	got := found(files)
	want := []string{"the card has no point", "name at least one id of advice.txt", "the idea has", "the practice has",
		"question 1 asks nothing", "question 2 asks nothing", "question 3 asks nothing"}
	if len(got) != len(want) {
		t.Fatalf("got %v, want findings %q", got, want)
	}
	for i, f := range got {
		if f.File != file || !strings.Contains(f.Message, want[i]) {
			t.Errorf("got %v, want %q in %s", f, want[i], file)
		}
	}
	if !strings.Contains(text, "number: 37\n") {
		t.Errorf("1 to 36 are taken: want 37 in\n%s", text)
	}
	if _, err := Load(files); err != nil {
		t.Errorf("a card that is only begun keeps the others from being shown: %v", err)
	}
}

func TestAScaffoldNeverTakesANumberThatACardHad(t *testing.T) {
	files := clean()
	files[retiredFile] = &fstest.MapFile{Data: []byte("# gone\n511 together.gone\n37 amends.gone\n")}
	_, text, err := Scaffold(files, "together", "the-second-cup")
	if err != nil || !strings.Contains(text, "number: 38\n") {
		t.Errorf("1 to 36 are taken, 37 and 511 are retired: got %v, want number 38 in\n%s", err, text)
	}
}

func TestAScaffoldRefusesWithAWayOn(t *testing.T) {
	for _, c := range []struct{ folder, slug, want string }{
		{"togetter", "new", `there is no folder "togetter"; did you mean "together"?`},
		{"together", "The Second Cup", "write small letters, digits and single dashes"},
		{"together", "card-3", "together/04-card-3.md has this name already"},
	} {
		if _, _, err := Scaffold(clean(), c.folder, c.slug); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: got %v, want %q", c.folder, c.slug, err, c.want)
		}
	}
}
