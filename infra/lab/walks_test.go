package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWalksCountsStaysReturnsAndClimbs(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.org/mend\n\ngo 1.26\n",
		"shared/table/table.go": `package table
			func Get() int { return key() }
			func Unread() {}`,
		"shared/table/keys.go": `package table
			func key() int { return 1 }`,
		"shared/use/use.go": `package use
			import "example.org/mend/shared/table"
			type Reader interface{ Read() int }
			type Clock interface{ Now() int }
			type file struct{}
			func (file) Read() int { return table.Get() }
			type early struct{}
			func (early) Now() int { return 1 }
			type late struct{}
			func (late) Now() int { table.Unread(); return 2 }
			type Service struct { reader Reader; clock Clock }
			func (s *Service) Do() int {
				f := func() int { return s.reader.Read() }
				s.clock.Now()
				s.Do()
				return f() + table.Get() + last[int]()
			}
			func last[T any]() (t T) { return t }`,
		"functions/f/f.go": "package f", "content/c.go": "package content", "cmd/c/c.go": "package c",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := printWalks(&out, dir, []string{"a walk=shared/use.Service.Do"}); err != nil {
		t.Fatal(err)
	}
	// Do, file.Read, table.Get, key and back, and last. Two types implement Clock, so
	// nothing follows it.
	if want := "| a walk | 5 | 2 | 5 | 2 | 1 |\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	if err := printWalks(&out, dir, []string{"a walk=shared/use.Nothing"}); err == nil {
		t.Error("a walk from nowhere: want an error")
	}
}

func TestTheWalksOfTheDocsBeginSomewhere(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads the whole product")
	}
	if err := printWalks(t.Output(), "../..", walks); err != nil {
		t.Fatal(err)
	}
}
