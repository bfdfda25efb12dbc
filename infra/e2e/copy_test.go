//go:build e2e || undone

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// copyOfRepository copies what git knows, changes that are not committed among it, and links the
// tools.
func copyOfRepository(t *testing.T) string {
	t.Helper()
	from, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	list := exec.CommandContext(t.Context(), "git", "-C", from, "ls-files", "--cached", "--others",
		"--exclude-standard", "-z")
	files, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	archive := exec.CommandContext(context.WithoutCancel(t.Context()), "sh", "-c",
		`tar -C "$1" --null -T - -cf - | tar -C "$2" -xf -`, "sh", from, to)
	archive.Stdin = bytes.NewReader(files)
	if out, err := archive.CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("copy the repository: %w: %s", err, out))
	}
	if err := os.Symlink(filepath.Join(from, ".tools"), filepath.Join(to, ".tools")); err != nil {
		t.Fatal(err)
	}
	return to
}
