package gen

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
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
