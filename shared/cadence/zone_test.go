package cadence_test

import (
	"archive/zip"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/mend/shared/cadence"
)

// goDatabase is the zone database that comes with Go: TZif data by id. It is an older edition, made
// by other hands.
func goDatabase(t *testing.T) map[string][]byte {
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
		// Factory is the setting of a machine that was never set
		if strings.HasSuffix(f.Name, "/") || f.Name == "Factory" {
			continue
		}
		if zones[f.Name], err = fs.ReadFile(archive, f.Name); err != nil {
			t.Fatal(err)
		}
	}
	return zones
}

// A zone that a person chose stays known: the database has every zone of the older one that Go
// brings.
func TestZonesAreNeverLost(t *testing.T) {
	for id := range goDatabase(t) {
		if !slices.Contains(cadence.Zones(), id) {
			t.Errorf("zones.db lacks %s", id)
		}
	}
	if !slices.IsSorted(cadence.Zones()) {
		t.Error("the zones are out of order")
	}
}

// Zones whose clocks changed, or stopped changing, in the editions of 2026. A machine with an older
// database is an hour off.
func TestOffsetsOfTheCurrentEdition(t *testing.T) {
	for id, want := range map[string]string{
		"America/Vancouver": "-07:00", "America/Edmonton": "-06:00", "America/Winnipeg": "-05:00",
		"America/Havana": "-04:00", "Africa/Casablanca": "+00:00", "Europe/Berlin": "+01:00",
		"America/New_York": "-05:00", "Australia/Sydney": "+11:00",
	} {
		if got := instant("2026-11-28T12:00:00Z").In(zone(id)).Format("-07:00"); got != want {
			t.Errorf("%s on 28 November 2026: UTC%s, want UTC%s", id, got, want)
		}
	}
}

// What the machine has, and what the environment says of it, counts for nothing.
func TestZonesComeFromTheBinaryAlone(t *testing.T) {
	if os.Getenv("ZONEINFO") == "" {
		binary, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		again := exec.Command(binary, "-test.run", "^(TestZonesComeFromTheBinaryAlone|TestOffsetsOfTheCurrentEdition)$")
		again.Env = append(os.Environ(), "ZONEINFO="+filepath.Join(t.TempDir(), "none.zip"))
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("with another ZONEINFO: %v\n%s", err, out)
		}
	}
}

func TestEditionHasAnAge(t *testing.T) {
	e := cadence.Edition()
	if len(e.Version) < 5 || e.Released.After(e.Checked) || e.Released.Year < 2026 {
		t.Errorf("the edition is %+v", e)
	}
	for _, test := range []struct {
		days int
		old  bool
	}{{0, false}, {180, false}, {181, true}, {2000, true}} {
		if got := e.Old(e.Checked.AddDays(test.days)); got != test.old {
			t.Errorf("%d days after the check: old is %t, want %t", test.days, got, test.old)
		}
	}
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
