package gen

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"example.org/mend/content/lint"
)

// What the functions say is what the files say.
func TestTheGeneratedFilesAreFresh(t *testing.T) {
	files, err := Files(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("content/%s is older than the files it is made from (%v): run \"go run ./cmd/mend content build\"",
				name, err)
		}
	}
}

// A card that is only begun is in no one's letters, and keeps nothing else from being made.
func TestACardThatIsOnlyBegunIsLeftOut(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("..")); err != nil {
		t.Fatal(err)
	}
	file, text, err := lint.Scaffold(os.DirFS(dir), "amends", "the-second-cup")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if written, err := Write(dir); len(written) > 0 || err != nil {
		t.Errorf("got %v written, %v", written, err)
	}
}
