// Package card holds the library of cards: one idea, one practice and three
// questions each, with what decides who may get it.
//
// A card is a Markdown file with front matter, content/<folder>/<nn>-<slug>.md;
// content/README.md describes it for editors. [Load] reads a library for the
// program and refuses a broken card; [Lint] reads it for editors and finds all
// that is wrong, counted rules and wording included.
//
// The front matter is a small part of YAML 1.2 (one "key: value" a line, lists in
// brackets), read by hand: the sender reads some 360 cards before its first letter,
// and a general YAML parser takes 20 µs for each, which is more than the rest of a cold start. A
// test with goccy/go-yaml as its oracle holds that what we accept means the same in YAML.
package card

import "slices"

// Card is one unit of content.
type Card struct {
	Number  int      // 1 to [MaxNumber], stable for ever: a bit in the person's seen-cards bitmap
	ID      string   // folder.slug
	Path    string   // the folder: one of [Paths], or [Shared]
	Order   int      // nn of the file's name: the reading order in its folder
	Title   string   // at most 40 characters; not discreet, so never a subject by itself
	Stage   Stage    //
	Advice  []string // ids of the advice that it draws on, at least one
	Role    Role     // whom it speaks to: BrokeTrust, WasHurt or Both
	Contact Contact  // what the practice asks of the other person
	Minutes int      // what the practice takes, 2 to 60
	Related []string // ids not to be sent right before or after this one

	// Idea and Practice are paragraphs of plain text with *emphasis*. Within a
	// paragraph there are no line breaks, except in a list: there each line begins with "- ".
	Idea     []string
	Practice []string

	// Questions are for the first, second and third time that a person gets the card.
	Questions [3]string

	related []int // numbers, both ways
	step    int   // see Step
}

// RelatedTo reports whether either of the two cards names the other as related.
// A number that the library does not have is related to nothing.
func (c *Card) RelatedTo(number int) bool { return slices.Contains(c.related, number) }

// MaxNumber is the highest number of a card, so that the set of seen cards fits 64 bytes.
const MaxNumber = 511

// Shared is the folder of the cards that every path draws from in its last stage.
const Shared = "keep"

// Apart is the path after a break-up. It asks nothing of the other person: see [Library.Eligible].
const Apart = "apart"

// Paths lists the paths in the order in which people are shown them.
func Paths() []string { return []string{"amends", "together", "betrayal", "foundations", Apart} }

// Folders lists the folders of content that hold cards: the paths, then [Shared].
func Folders() []string { return append(Paths(), Shared) }

// Stage is a part of a path. Stages are walked in the order of [Stages].
type Stage string

// The stages.
const (
	Look    Stage = "look"
	Repair  Stage = "repair"
	Rebuild Stage = "rebuild"
	Keep    Stage = "keep"
)

// Stages lists the stages in order.
func Stages() []Stage { return []Stage{Look, Repair, Rebuild, Keep} }

// Role says whom a card speaks to, and on which side a person stands.
type Role string

// The roles. A person with RoleUnset has not said; a card always has one of the others.
const (
	RoleUnset  Role = ""
	BrokeTrust Role = "broke-trust"
	WasHurt    Role = "was-hurt"
	Both       Role = "both"
)

// Roles lists the roles that a card can have.
func Roles() []Role { return []Role{BrokeTrust, WasHurt, Both} }

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
