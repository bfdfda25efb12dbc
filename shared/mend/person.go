package mend

import "time"

// ID names a person: 16 characters of lower-case base32 (RFC 4648), 80 random
// bits. It says nothing about them, so logs, metrics and tags may carry it.
type ID string

// ItemID names one of a person's things (a one-off, a promise, a reminder's
// letter): 8 characters of lower-case base32, 40 random bits, unique within its person.
type ItemID string

// Person is someone with an address who asked for letters.
type Person struct {
	ID      ID
	Address Address
	Name    string // how letters greet them; may be empty
	Status  Status
	Version int64 // moves by one with every change of the person or their subscriptions
	Zone    string
	Locale  string // BCP 47; only "en" so far
	Role    Role
	Privacy Privacy
	// the name in subjects that don't say what a letter is: one of [Covers], or "" for the default
	Cover       string
	Epoch       uint16 // every token carries it; raising it ends all links and reply addresses but "stop"
	Retention   Retention
	NoContact   bool // they were told no, or asked for space: only cards that reach no one
	SaidNo      SaidNo
	Consent     Consent
	Created     time.Time
	Changed     time.Time // when the settings of a subscription changed last
	StoppedAt   time.Time // when they last stopped; zero while they get letters, and once they said "not me"
	Hold        Hold      // of all letters that come by themselves
	Answered    Date      // the last day on which a letter answered their orders
	AskedToStop Date      // the last day on which a letter asked whether they want us to stop
	// the newest confirmation, the only one that counts; empty when there is none to answer
	PendingConfirmation ItemID
	Move                AddressMove // the last move to another address that was asked for; zero once it was called off
}

// AddressMove is a move to another address.
type AddressMove struct {
	ID     ItemID // of the letter to the new address
	Answer string // "yes" and "no" of the new address, "keep" of the old one; "" while no link has answered it
}

// IsOpen reports a move that the new address may still answer, once it has been asked.
func (m AddressMove) IsOpen() bool { return m.ID != "" && m.Answer == "" }

// Status is where a person stands with us.
type Status string

// The statuses. Suppressed is ours to set (bounce, complaint), stopped is theirs.
const (
	Pending    Status = "pending"
	Active     Status = "active"
	Stopped    Status = "stopped"
	Suppressed Status = "suppressed"
	Off        Status = "off" // of a subscription alone: switched off by itself
)

// Role is which side of the break a person says they are on.
type Role string

// The roles; RoleUnsaid is a person who skipped the question.
const (
	RoleUnsaid Role = ""
	BrokeTrust Role = "broke-trust"
	WasHurt    Role = "was-hurt"
	BothSides  Role = "both"
)

// Roles lists the roles that a person can have said, and a card can speak to.
var Roles = []Role{BrokeTrust, WasHurt, BothSides}

// Retention says how long words are kept.
type Retention string

// The settings of retention.
const (
	KeepForGood Retention = "for-good"
	Keep90Days  Retention = "90-days"
	KeepNone    Retention = "none"
)

// SaidNo is what a person's "they said no" changed, for as long as it can be taken back.
type SaidNo struct {
	At     time.Time
	Path   string // the path that they were on before; "" if it stayed
	Rested bool   // something rested before already, so that taking it back wakes nothing
}

// Consent is what a person agreed to, when, and how.
type Consent struct {
	Text string // version of the text they saw, such as "2026-11"
	At   time.Time
	How  string // ByForm or ByConfirmation
}

// How someone consented. Someone who never confirmed gets nothing but the confirmation, and is
// forgotten after a week.
const (
	ByForm         = "join form"
	ByConfirmation = "confirmation"
)

// HasConfirmed reports whether someone ever confirmed.
func (p Person) HasConfirmed() bool { return p.Consent.How == ByConfirmation }

// Two of the paths: that of people who broke someone's trust, and the one on which
// there is never contact.
const (
	Amends = "amends"
	Apart  = "apart"
)

// Paths lists the paths that a check-in can follow, in the order in which people are shown them.
var Paths = []string{Amends, "together", "betrayal", "foundations", Apart}

// PathFits reports whether a path may be followed: without contact only two of them ask nothing of
// another person.
func PathFits(path string, noContact bool) bool {
	return !noContact || path == Apart || path == "foundations"
}
