package lint

import (
	"os"
	"testing"
)

func TestTheContentIsClean(t *testing.T) {
	for _, f := range Lint(os.DirFS("..")) {
		t.Errorf("content/%v", f)
	}
}
