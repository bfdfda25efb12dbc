package journal

import (
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// Journal is one page of a signed-in person's own words.
type Journal struct {
	Entries []mend.Reply // newest first
	Leaf    int          // the page's number
	More    bool         // there are older entries than those of this page
	Found   int          // how many entries there are in all, or hold the words of the query
	Today   mend.Date    // in the person's zone
	Days    []mend.Date  // that have an entry, in no order and some of them twice

	// What only the first page has.
	OnThisDay []mend.Reply
	Waiting   []mend.Reply // "was this you?"
	Refused   int          // replies of this kind that were counted and not kept
	Moods     []Mood       // the newest, newest first
	Promises  []mend.Promise
	Settings  account.Settings
	CanUndo   bool // this session deleted something within the last ten minutes
}

// Mood is a number that someone gave, 1 heavy to 5 light.
type Mood struct {
	Date  mend.Date
	Mood  int
	At    time.Time
	Entry mend.Entry
}
