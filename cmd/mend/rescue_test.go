package main

import (
	"os"
	"path/filepath"
	"testing"

	"example.org/mend/cmd/mend/machine"
	"example.org/mend/shared/keyring"
)

// Every command on a damaged file says so and ends with exit code 1, and what is whole
// can be saved.
func TestDamagedDataFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "mend.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := machine.OpenFile(t.Context(), folder)
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
	into := filepath.Join(t.TempDir(), "rescued")
	for want, args := range map[int][]string{
		0:      {"rescue", "--data", folder, "--into", into},
		failed: {"rescue", "--data", folder, "--into", folder},
	} {
		if got := execute(args); got != want {
			t.Errorf("mend %v: got exit code %d, want %d", args, got, want)
		}
	}
	if got := execute([]string{"stats", "--data", into}); got != 0 {
		t.Errorf("stats of the rescued file: got exit code %d, want 0", got)
	}
}
