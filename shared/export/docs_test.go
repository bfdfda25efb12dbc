package export_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"example.org/mend/shared/export"
)

// The page that describes the file names every field of it.
func TestEveryFieldIsDescribed(t *testing.T) {
	page, err := os.ReadFile("../../docs/export.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(of.Elem())
		case reflect.Struct:
			for i := range of.NumField() {
				f := of.Field(i)
				if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
					if seen++; !strings.Contains(string(page), "`"+name+"`") {
						t.Errorf("docs/export.md does not name %q of %v", name, of)
					}
				}
				if strings.HasPrefix(of.PkgPath(), "example.org/mend/shared/") {
					walk(f.Type)
				}
			}
		}
	}
	walk(reflect.TypeFor[export.Everything]())
	if seen < 60 {
		t.Errorf("only %d fields were looked at", seen)
	}
}
