package lint

import (
	"os"
	"testing"
)

func TestTheContentIsClean(t *testing.T) {
	all, figures := Lint(os.DirFS(".."))
	for _, f := range all {
		t.Errorf("content/%v", f)
	}
	for _, f := range figures {
		t.Log(f)
	}
}
