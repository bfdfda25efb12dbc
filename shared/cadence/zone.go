package cadence

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.org/mend/shared/mend"
)

// zoneFile is the zone database. `make zones` writes it (infra/zones describes its form).
//
//go:embed zones.db
var zoneFile string

// zoneIndex says where each zone lies in zoneFile.
type zoneIndex struct {
	ids     []string          // sorted
	entries map[string]string // zone id → its file in the format of RFC 8536 (TZif)
}

// openZones reads the index once: a line with the edition, a line for each zone with its id and the
// place and length of its entry, an empty line, and the entries. The zones themselves are read one
// by one, when they are needed.
var openZones = sync.OnceValue(func() zoneIndex {
	head, entries, _ := strings.Cut(zoneFile, "\n\n")
	lines := strings.Split(head, "\n")[1:]
	index := zoneIndex{ids: make([]string, 0, len(lines)), entries: make(map[string]string, len(lines))}
	for _, line := range lines {
		id, place, _ := strings.Cut(line, " ")
		start, length, _ := strings.Cut(place, " ")
		at, errAt := strconv.Atoi(start)
		n, errLength := strconv.Atoi(length)
		if errAt != nil || errLength != nil || at < 0 || n < 0 || at > len(entries)-n {
			// every test opens it, so no binary with a torn one was ever tested
			panic(fmt.Sprintf("zones.db: the line %.60q does not name an entry of the file", line))
		}
		index.ids = append(index.ids, id)
		index.entries[id] = entries[at : at+n]
	}
	return index
})

// ZoneEdition says how current the zone database in this binary is.
type ZoneEdition struct {
	Version  string    // IANA's, such as "2026f"
	Released mend.Date // when it was published
	Checked  mend.Date // when `make zones` last found that there is nothing newer
}

// Edition is the edition of the zone database in this binary. Neither the machine's database nor
// Go's is ever used.
func Edition() ZoneEdition {
	first, _, _ := strings.Cut(zoneFile, "\n")
	version, dates, _ := strings.Cut(first, " ")
	released, checked, _ := strings.Cut(dates, " ")
	e := ZoneEdition{Version: version}
	e.Released, _ = mend.ParseDate(released) // what infra/zones wrote; a test reads it
	e.Checked, _ = mend.ParseDate(checked)
	return e
}

// String reads "2026f of 28 October 2026".
func (e ZoneEdition) String() string {
	return fmt.Sprintf("%s of %d %s %d", e.Version, e.Released.Day, e.Released.Month, e.Released.Year)
}

// zonesAgeAfter is how many days after its check a zone database counts as old. Governments
// announce changes of clocks a few months or weeks ahead, and the database gets about five editions
// a year.
const zonesAgeAfter = 180

// Old reports whether no one has looked for a newer edition for half a year.
func (e ZoneEdition) Old(today mend.Date) bool { return today.Days()-e.Checked.Days() > zonesAgeAfter }

// loaded holds the zones that were used, by id. Only ids of the database get in, so it is bounded.
var loaded sync.Map // string → *time.Location

// Zones lists the ids that [Zone] knows, in order: the zones and links of the IANA database, such
// as Europe/Berlin and UTC, for a page to offer.
func Zones() []string { return slices.Clone(openZones().ids) }

// StoredZone is the zone of an id that [Zone] took when it was stored. The database never
// drops an id. One that an older program does not have yet counts as UTC, so that a person with
// it can still read, stop and leave, and keeps nobody else's letters waiting.
func StoredZone(id string) *time.Location {
	zone, err := Zone(id)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Zone is the zone of an IANA id, spelt as in the database: not "", not "Local", not
// "europe/berlin", and none of the files that lie beside the zones (posix/…, right/…). It comes
// from the database in this binary.
func Zone(id string) (*time.Location, error) {
	if zone, ok := loaded.Load(id); ok {
		return zone.(*time.Location), nil
	}
	entry, known := openZones().entries[id]
	if !known {
		return nil, fmt.Errorf("time zone %.40q is not in the zone database", id)
	}
	zone, err := time.LoadLocationFromTZData(id, []byte(entry))
	if err != nil {
		return nil, fmt.Errorf("loading time zone %s: %w", id, err)
	}
	kept, _ := loaded.LoadOrStore(id, zone)
	return kept.(*time.Location), nil
}
