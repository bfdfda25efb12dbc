package cadence_test

import (
	"archive/zip"
	"flag"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/mend/shared/cadence"
)

var update = flag.Bool("update", false, "write zones.txt anew from Go's zone database")

// The list is that of the database that is linked in. A new Go may bring new zones;
// then `go test ./shared/cadence -update` takes them in.
func TestZonesAreThoseOfTheDatabase(t *testing.T) {
	want := slices.Sorted(maps.Keys(database(t)))
	if *update {
		if err := os.WriteFile("zones.txt", []byte(strings.Join(want, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := cadence.Zones(); !slices.Equal(got, want) {
		t.Errorf("zones.txt has %d zones, the database %d; run with -update and review", len(got), len(want))
	}
}

// database is Go's zone database, the one that time/tzdata links in: TZif data by id.
func database(t *testing.T) map[string][]byte {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	zones := map[string][]byte{}
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") || f.Name == "Factory" { // Factory is the setting of a machine that was never set
			continue
		}
		if zones[f.Name], err = fs.ReadFile(archive, f.Name); err != nil {
			t.Fatal(err)
		}
	}
	return zones
}

func TestEveryZoneLoads(t *testing.T) {
	for _, id := range cadence.Zones() {
		z, err := cadence.Zone(id)
		if err != nil {
			t.Error(err)
			continue
		}
		if z.String() != id {
			t.Errorf("zone %s calls itself %s", id, z)
		}
		if again, _ := cadence.Zone(id); again != z {
			t.Errorf("zone %s was loaded twice", id)
		}
	}
}

func TestZoneRefusesWhatIsNotAnID(t *testing.T) {
	for _, id := range []string{
		"", "Local", "europe/berlin", "EUROPE/BERLIN", "Europe/berlin", " Europe/Berlin", "Europe/Berlin ", "Europe",
		"Factory", "localtime", "posixrules", "posix/Europe/Berlin", "right/Europe/Berlin", "Europe/../Europe/Berlin",
		"/usr/share/zoneinfo/Europe/Berlin", "CEST", "UTC+1", "Europe/Berlin\x00", strings.Repeat("Europe/", 10_000),
	} {
		z, err := cadence.Zone(id)
		if err == nil {
			t.Errorf("Zone(%.40q) = %v, want an error", id, z)
		} else if len(err.Error()) > 200 {
			t.Errorf("Zone(%.40q): an error of %d bytes", id, len(err.Error()))
		}
	}
}
