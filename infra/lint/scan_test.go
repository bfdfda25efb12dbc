package lint

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A scan reads, and bills, everybody's items for one of them; it must be on no path. A statement of
// PartiQL scans where it does not name a partition, so a SELECT is one too.
func TestNothingScansTheTable(t *testing.T) {
	scans := regexp.MustCompile(`dynamodb\.(Scan|NewScan|ParallelScan)|\.ExecuteStatement\(|"SELECT `)
	read := 0
	for _, room := range []string{"functions", "shared", "cmd"} {
		err := filepath.WalkDir("../../"+room, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			read++
			if m := scans.Find(text); m != nil {
				t.Errorf("%s has %s", path, m)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 100 {
		t.Errorf("%d files were read", read)
	}
	for _, name := range functions {
		for _, action := range readTemplate(t).actions(t, name+"Role") {
			if strings.Contains(action, "Scan") || strings.Contains(action, "PartiQLSelect") {
				t.Errorf("%sRole may do %s", name, action)
			}
		}
	}
}
