package change

const (
	NoticeMove  = "address-change"  // to the old address
	NoticeMoved = "address-changed" // to the new one
	AskToMove   = "move"            // OneOff.Notice of a confirmation that asks a new address
)

// A reply that gives orders is answered by one letter: what holds now and how to undo it, and what
// we couldn't follow. There is at most one such letter a day, and at most one a day that asks
// whether to stop. Mail that isn't proven is never answered.

// The notices that ask back, in the order in which they matter.
const (
	NoticeStop    = "stop-ask"
	NoticeWhen    = "promise-when" // which day a promise is for
	NoticeUnclear = "order-unclear"
)

// NoticeSeparator parts the names of a notice that says several things.
const NoticeSeparator = "+"

const (
	NoticeGoodbye = "goodbye"
)

// The notices that strangers can cause.
const (
	NoticeSignedUp = "already-signed-up"
	NoticeHeld     = "reply-quarantined"
)

// NoticeErased is the notice of an erasure, the last letter of all.
const NoticeErased = "erased"
