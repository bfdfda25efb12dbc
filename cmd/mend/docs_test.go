package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// A newcomer types what the docs say, word for word. Each command of ours parses, each target of
// make is there, and each parameter of a deployment is the template's.
func TestTheCommandsInTheDocsAreTrue(t *testing.T) {
	var makefiles strings.Builder
	for _, pattern := range []string{"../../Makefile", "../../infra/*.mk"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			makefiles.Write(text)
		}
	}
	parameters, err := readParameters("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	ours := regexp.MustCompile("go run \\./cmd/mend ([^`\n#;]+)")
	targets := regexp.MustCompile("(?:^|`)make ([a-z0-9-]+)")
	given := regexp.MustCompile(`PARAMETERS='([^']*)'`)
	commands, made := 0, 0
	t.Chdir("../..")
	for _, f := range append(docs, "../../README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(strings.TrimPrefix(f, "../../"))
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(f)
		for _, m := range ours.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "COMMAND") {
				continue
			}
			commands++
			if err := parses(strings.Fields(m[1])); err != nil && !strings.Contains(err.Error(), "no such file") {
				t.Errorf("%s: go run ./cmd/mend %s: %v", name, m[1], err)
			}
		}
		for _, m := range targets.FindAllStringSubmatch(string(text), -1) {
			made++
			if !strings.Contains(makefiles.String(), "\n"+m[1]+":") {
				t.Errorf("%s: there is no make %s", name, m[1])
			}
		}
		for _, m := range given.FindAllStringSubmatch(string(text), -1) {
			for _, p := range strings.Fields(m[1]) {
				key, _, _ := strings.Cut(p, "=")
				if _, known := parameters[key]; !known {
					t.Errorf("%s: the template has no parameter %s", name, key)
				}
			}
		}
	}
	if commands < 10 || made < 10 {
		t.Errorf("%d commands and %d targets were read", commands, made)
	}
}

func parses(args []string) error {
	var c commands
	parser, err := kong.New(&c, kong.Name("mend"))
	if err != nil {
		return err
	}
	_, err = parser.Parse(args)
	return err
}
