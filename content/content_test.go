package content_test

import (
	"testing"

	"example.org/mend/content"
	"example.org/mend/shared/card"
)

func TestLibraryIsClean(t *testing.T) {
	for _, f := range card.Lint(content.FS) {
		t.Errorf("content/%v", f)
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := card.Load(content.FS); err != nil {
			b.Fatal(err)
		}
	}
}
