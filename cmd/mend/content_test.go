package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"example.org/mend/content"
	"example.org/mend/content/lint"
	"example.org/mend/shared/mend"
)

// desk is a folder of content with two cards, and an advice that neither draws on.
func desk(t *testing.T) contentDir {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"advice.txt":          "amends.reflect: Look.\namends.love: Warm.\napart.hope: Hope.\n",
		"banned.txt":          "",
		"amends/01-first.md":  deskCard("1", "amends.first", "broke-trust", "[amends.reflect, amends.love]"),
		"amends/02-second.md": deskCard("2", "amends.second", "both", "[amends.reflect]"),
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return contentDir{Dir: dir}
}

func deskCard(number, id, role, advice string) string {
	return "---\nnumber: " + number + "\nid: " + id + "\ntitle: Title " + number + "\n" +
		"point: The point of " + number + " is this.\nadvice: " + advice + "\nrole: " + role + "\n" +
		"contact: none\nminutes: 5\nrelated: []\n---\n\n" +
		"Idea " + number + ".\n\n## Practice\n\nDo.\n\n## Questions\n\n1. A?\n2. B?\n3. C?\n"
}

func TestContentListFiltersAndOrders(t *testing.T) {
	dir := desk(t)
	for _, c := range []struct {
		list contentList
		want []string
	}{
		{contentList{}, []string{"amends.first", "amends.second"}},
		{contentList{Path: "apart"}, []string{}},
		{contentList{Role: "both"}, []string{"amends.second"}},
		{contentList{Contact: "mutual"}, []string{}},
		{contentList{Advice: "amends.love"}, []string{"amends.first"}},
	} {
		c.list.contentDir, c.list.JSON = dir, true
		var out bytes.Buffer
		if err := c.list.Run(&out); err != nil {
			t.Fatal(err)
		}
		var rows []cardRow
		if err := json.Unmarshal(out.Bytes(), &rows); err != nil {
			t.Fatalf("%v in %s", err, out.Bytes())
		}
		got := []string{}
		for _, r := range rows {
			got = append(got, r.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: got %v, want %v", c.list, got, c.want)
		}
	}
}

func TestContentListIsATable(t *testing.T) {
	var out bytes.Buffer
	if err := (&contentList{contentDir: desk(t)}).Run(&out); err != nil {
		t.Fatal(err)
	}
	want := `CARD           NUMBER  ROLE         CONTACT  MINUTES  TITLE    ADVICE
amends.first   1       broke-trust  none     5        Title 1  amends.reflect, amends.love
amends.second  2       both         none     5        Title 2  amends.reflect
2 of 2 cards
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestContentListKnowsNoSuchAdvice(t *testing.T) {
	err := (&contentList{contentDir: desk(t), Advice: "amends.lvoe"}).Run(&bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "mend content coverage") {
		t.Errorf("got %v, want an error that says where the ids are listed", err)
	}
}

func TestContentCoverageHasEveryAdvice(t *testing.T) {
	var out bytes.Buffer
	if err := (&contentCoverage{contentDir: desk(t), JSON: true}).Run(&out); err != nil {
		t.Fatal(err)
	}
	want := `{
  "amends.love": {
    "cards": [
      "amends.first"
    ],
    "steps": {}
  },
  "amends.reflect": {
    "cards": [
      "amends.first",
      "amends.second"
    ],
    "steps": {}
  },
  "apart.hope": {
    "cards": [],
    "steps": {}
  }
}
`
	if got := out.String(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestContentLintFailsWithPlaceAndWayOut(t *testing.T) {
	dir := desk(t)
	file := filepath.ToSlash(filepath.Join(dir.Dir, "amends/01-first.md"))
	if err := os.WriteFile(file, []byte(deskCard("1", "amends.first", "bth", "[amends.love]")), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := (&contentLint{contentDir: dir}).Run(&out)
	if err == nil || !strings.Contains(err.Error(), ", files: 7;") {
		t.Errorf("got error %v, want one that counts", err)
	}
	want := file + `:7:7: role: "bth" is unknown; did you mean "both"?` + "\n"
	if !strings.Contains(out.String(), want) {
		t.Errorf("got\n%s\nwant a line\n%s", out.String(), want)
	}

	out.Reset()
	if err := (&contentLint{contentDir: dir, JSON: true}).Run(&out); err == nil {
		t.Error("with --json: got no error, want one")
	}
	var findings []lint.Finding
	err = json.Unmarshal(out.Bytes(), &findings)
	if err != nil || !slices.ContainsFunc(findings, func(f lint.Finding) bool {
		return f.File == file && f.Line == 7 && f.Column == 7
	}) {
		t.Errorf("with --json: got %v, %s\nwant an object for line 7, column 7", err, out.Bytes())
	}
}

// A text from outside that a card shares eight words with is named, with the card's place.
func TestContentLintComparesWithATextFromOutside(t *testing.T) {
	dir, text := contentDir{Dir: "../../content"}, filepath.Join(t.TempDir(), "article.txt")
	card, err := os.ReadFile("../../content/amends/02-stop-one-thing.md")
	if err != nil {
		t.Fatal(err)
	}
	_, idea, _ := strings.Cut(string(card), "---\n\n")
	for words, want := range map[string]string{
		"Nothing of this is in any of the cards that we have here.": "",
		"They wrote: " + idea[:60]:                                  "amends/02-stop-one-thing.md:14:1:",
	} {
		if err := os.WriteFile(text, []byte(words), 0o644); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := (&contentLint{contentDir: dir, Against: []string{text}}).Run(&out)
		if (err != nil) != (want != "") || !strings.Contains(out.String(), want) ||
			want != "" && !strings.Contains(out.String(), "article.txt") {
			t.Errorf("%q: got %v\n%s\nwant %q", words, err, out.String(), want)
		}
	}
	if err := (&contentLint{contentDir: dir, Against: []string{text + "x"}}).Run(&bytes.Buffer{}); err == nil {
		t.Error("a text that is not there: got no error, want one")
	}
}

// Each path that is offered has twelve steps with their points, in three named parts.
func TestContentArcPrintsTwelveSteps(t *testing.T) {
	for _, path := range mend.Paths {
		for _, role := range mend.Roles {
			var out bytes.Buffer
			err := (&contentArc{contentDir: contentDir{Dir: "../../content"}, Path: path, Role: string(role)}).Run(&out)
			if !slices.Contains(content.RolesOf(path), role) {
				want := `amends is not offered to was-hurt: it has arcs for ["broke-trust" "both"]`
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s %s: got %v, want who it is for", path, role, err)
				}
				continue
			}
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			if err != nil || len(lines) != 3+2*(12+3) || !strings.Contains(out.String(), "\n  12  ") {
				t.Errorf("%s %s: got %v and %d lines, want three parts, twelve steps and three light cards\n%s",
					path, role, err, len(lines), &out)
			}
		}
	}
	if err := (&contentArc{contentDir: desk(t), Path: "apart", Role: "both"}).Run(&bytes.Buffer{}); err == nil ||
		!strings.Contains(err.Error(), "write content/paths/apart.yaml") {
		t.Errorf("a path without a file: got %v, want an error that says what to write", err)
	}
}

// Every advice is met by each role of its path.
func TestContentCoverageIsATable(t *testing.T) {
	var out bytes.Buffer
	if err := (&contentCoverage{contentDir: contentDir{Dir: "../../content"}}).Run(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "ADVICE") || !strings.Contains(out.String(), "broke-trust 1, both 1\n") ||
		strings.Contains(out.String(), "–") {
		t.Errorf("got\n%s\nwant a step for each advice and role", &out)
	}
	out.Reset()
	err := (&contentCoverage{contentDir: desk(t)}).Run(&out)
	if err != nil || !strings.Contains(out.String(), "broke-trust –, both –") {
		t.Errorf("two cards and no path: got %v\n%s\nwant dashes", err, &out)
	}
}

func TestContentNewWritesAFileOnce(t *testing.T) {
	dir := desk(t)
	var out bytes.Buffer
	n := contentNew{contentDir: dir, Path: "amends", Slug: "the-second-cup"}
	if err := n.Run(&out); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir.Dir, "amends", "03-the-second-cup.md")
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "number: 3\n") {
		t.Errorf("got %v, %s\nwant a card with number 3 in %s", err, text, file)
	}
	if !strings.HasPrefix(out.String(), file+"\n") {
		t.Errorf("got %q, want the file's name first", out.String())
	}
	if err := n.Run(&out); err == nil || !strings.Contains(err.Error(), "03-the-second-cup.md has this name already") {
		t.Errorf("a second time: got %v, want an error", err)
	}
	err := (&contentNew{contentDir: contentDir{t.TempDir()}, Path: "amends", Slug: "x"}).Run(&out)
	if err == nil || !strings.Contains(err.Error(), "--dir") {
		t.Errorf("in a folder without cards: got %v, want an error that says where to run it", err)
	}
}

func TestContentCommandLine(t *testing.T) {
	dir := desk(t).Dir
	for _, line := range []string{
		"lint --json --dir " + dir, "list --path=keep --role=both --contact=none --advice=a.b --json --dir " + dir,
		"coverage --json", "arc betrayal was-hurt", "build", "new amends the-second-cup --dir " + dir,
	} {
		parser, err := kong.New(&contentCmd{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(strings.Fields(line)); err != nil {
			t.Errorf("mend content %s: %v", line, err)
		}
	}
}
