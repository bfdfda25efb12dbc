package lint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A tool runs with an operator's rights. What is installed has the hash that somebody looked at,
// not just its name and version.
func TestToolsAreInstalledByTheirHashes(t *testing.T) {
	script, err := os.ReadFile("../tools/python-tool.sh")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(script), "--require-hashes") {
		t.Error("python-tool.sh installs what has no hash")
	}
	pins, err := filepath.Glob("../tools/*.txt")
	if err != nil || len(pins) == 0 {
		t.Fatalf("no pins: %v", err)
	}
	for _, pin := range pins {
		text, err := os.ReadFile(pin)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			if line == "" || line[0] == '#' || line[0] == ' ' {
				continue
			}
			if !strings.Contains(line, "==") || i+1 == len(lines) ||
				!strings.HasPrefix(lines[i+1], "    --hash=sha256:") {
				t.Errorf("%s: %s has no hash", filepath.Base(pin), line)
			}
		}
	}
}
