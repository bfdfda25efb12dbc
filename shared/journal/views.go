package journal

import (
	"time"

	"example.org/mend/shared/account"
	"example.org/mend/shared/mend"
)

// Journal is one leaf of what a signed-in person sees of their own: newest month first.
type Journal struct {
	Months   []JournalMonth
	Waiting  []mend.Reply // "was this you?", by the letters that they answer
	Refused  int          // replies of this kind that were counted and not kept
	Moods    []Mood       // the newest, oldest first, whatever the leaf
	Promises []mend.Promise
	Settings account.Settings
	CanUndo  bool // this session deleted something within the last ten minutes

	Leaf  int
	More  bool // there are older ones than those of this leaf
	Found int  // how many entries there are in all, or such as were looked for
}

// JournalMonth is the replies of one calendar month, oldest first.
type JournalMonth struct {
	First   mend.Date
	Replies []mend.Reply
}

// Mood is a number that somebody gave, 1 heavy to 5 light.
type Mood struct {
	Date mend.Date
	Mood int
	At   time.Time
}
