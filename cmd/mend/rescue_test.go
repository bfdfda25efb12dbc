package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/mend/cmd/mend/machine"
	"example.org/mend/shared/keyring"
	"example.org/mend/shared/local"
)

// Every command on a damaged file says so and ends with exit code 1, and what is whole
// can be saved.
func TestDamagedDataFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "mend.db")
	file, err := local.Open(t.Context(), path, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Init(t.Context(), file.Keys, machine.KeyPath); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:3*4096], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"stats", "--data", folder}, {"redrive", "--data", folder},
		{"run", "--data", folder, "--addr", "127.0.0.1:0", "--smtp", "127.0.0.1:0"},
	} {
		if got := execute(args); got != failed {
			t.Errorf("mend %v: got exit code %d, want %d", args, got, failed)
		}
	}
	into, empty, backup := filepath.Join(t.TempDir(), "rescued"), t.TempDir(), filepath.Join(t.TempDir(), "monday.db")
	none := filepath.Join(empty, "mend.db")
	if err := errors.Join(os.WriteFile(backup, whole, 0o600), os.WriteFile(none, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	restore := []string{"restore", "--yes", "--taken", "2026-03-01T07:00:00Z", "--data", into, "--backup"}
	for _, test := range []struct {
		args []string
		want int
	}{
		{[]string{"rescue", "--data", folder, "--into", folder}, failed},
		{[]string{"rescue", "--data", folder, "--into", into}, 0},
		{[]string{"stats", "--data", into}, 0},
		{append(restore, none), failed}, // an empty file is no backup
		{append(restore, backup), 0},    // as the error of the damaged file says
		{[]string{"stats", "--data", into}, 0},
		{[]string{"rescue", "--data", empty, "--into", into + "2"}, failed},
	} {
		if got := execute(test.args); got != test.want {
			t.Errorf("mend %v: got exit code %d, want %d", test.args, got, test.want)
		}
	}
	_, _, errs := said(t, "rescue", "--data", folder, "--into", backup) // which is a file
	if !strings.Contains(errs, "folder cannot be made") {
		t.Errorf("into a file: %s", errs)
	}
	if _, err := os.Stat(filepath.Join(into+"2", "mend.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file with nothing in it was left behind: %v", err)
	}
}
