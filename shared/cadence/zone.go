package cadence

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the zone database, for machines that have none
)

//go:embed zones.txt
var zoneNames string

var zoneIDs = sync.OnceValue(func() []string { return strings.Fields(zoneNames) })

// loaded holds the zones that were asked for, by id. Only ids of the list get in, so
// it is bounded.
var loaded sync.Map // string → *time.Location

// Zones lists the ids that [Zone] knows, in order: the zones and links of the IANA
// database, such as Europe/Berlin and UTC, for a page to offer.
func Zones() []string { return slices.Clone(zoneIDs()) }

// Zone is the zone of an IANA id, spelt as in the database: not "", not "Local", not
// "europe/berlin", and none of the files that lie beside the zones (posix/…, right/…).
func Zone(id string) (*time.Location, error) {
	if zone, ok := loaded.Load(id); ok {
		return zone.(*time.Location), nil
	}
	if _, known := slices.BinarySearch(zoneIDs(), id); !known {
		return nil, fmt.Errorf("time zone %.40q is not in the zone database", id)
	}
	zone, err := time.LoadLocation(id)
	if err != nil {
		return nil, fmt.Errorf("loading time zone %s: %w", id, err)
	}
	loaded.Store(id, zone)
	return zone, nil
}
