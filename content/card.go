// Package content holds all that Mend says, as Go values: the cards, the steps of each path, the
// words of letters, the help pages and the questions of the gate.
//
// Editors write files beside this one (README.md tells them how).
// [example.org/mend/content/gen] reads these files and writes the generated_*.go files, so that
// a function reads and parses nothing when it starts. A test in content/gen fails when a file
// changed and the Go values did not.
package content

import (
	"slices"

	"example.org/mend/shared/mend"
)

// Card is one unit of content: an idea, a practice and three questions.
type Card struct {
	Number  int       // 1 to [MaxNumber], never reused: a bit in the person's seen cards
	ID      string    // folder.slug
	Path    string    // the folder: one of [mend.Paths], or [Shared]
	Order   int       // the digits that begin the file's name: the order of cards that no path file names
	Title   string    // at most 40 characters; not discreet, so never a subject by itself
	Point   string    // the advice in one plain sentence
	Role    mend.Role // whom it speaks to: one of [mend.Roles]
	Contact Contact   // what the practice asks of the other person
	Minutes int       // what the practice takes, 2 to 60
	Related []int     // cards not to be sent right before or after this one; both cards name each other
	After   []int     // cards that come before this one on a path that has them
	NotFor  string    // whom the card is not for, in one line; may be empty
	Writes  bool      // its practice asks to write: the letter says that a phone or one's head will do as well

	// Idea and Practice are paragraphs of plain text with *emphasis*. Within a paragraph there are
	// no line breaks, except in a list: there each line begins with "- ".
	Idea     []string
	Practice []string

	// Questions[0] needs no practice and ends the page. The other two are asked later in the week.
	Questions [3]string
}

// MaxNumber is the highest number of a card, so that a set of cards fits 64 bytes.
const MaxNumber = 511

// Shared is the folder of the cards that every path draws from after its own.
const Shared = "keep"

// Folders lists the folders of content that hold cards: the paths, then [Shared].
func Folders() []string { return append(slices.Clone(mend.Paths), Shared) }

// RolesOf lists the roles that a path is offered to: [mend.Amends] has no cards for
// those who were hurt.
func RolesOf(path string) []mend.Role {
	if path == mend.Amends {
		return []mend.Role{mend.BrokeTrust, mend.BothSides}
	}
	return mend.Roles
}

// Contact says what a card's practice asks of the other person.
type Contact string

// The kinds of contact.
const (
	None    Contact = "none"     // nothing reaches the other person at all
	OneWord Contact = "one-word" // one short message or sentence, once, its answer or silence accepted
	Mutual  Contact = "mutual"   // wants the other person's own clear wish
)

// Contacts lists the kinds of contact.
func Contacts() []Contact { return []Contact{None, OneWord, Mutual} }

// Path is the authored order of one path.
type Path struct {
	Name    string
	Arcs    []Arc // one for each role of [RolesOf]
	Library []int // after the arc, in this order; the path's other cards and the shared ones follow
}

// Arc is the first twelve steps of a path for one role.
type Arc struct {
	Role  mend.Role
	Parts []Part
}

// Part is a named part of an arc.
type Part struct {
	Name  string
	Light int   // the card that comes in place of a step after two low moods in a row
	Steps []int // cards
}

// PartOf is the part in which a step stands, counted from 0; one without a name where the
// arc has no such step.
func (a Arc) PartOf(step int) Part {
	for _, p := range a.Parts {
		if step < len(p.Steps) {
			return p
		}
		step -= len(p.Steps)
	}
	return Part{}
}

// Steps lists the cards of all parts.
func (a Arc) Steps() []int {
	var all []int
	for _, p := range a.Parts {
		all = append(all, p.Steps...)
	}
	return all
}
