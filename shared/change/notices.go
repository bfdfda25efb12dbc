package change

// The notices that use cases cause. One that says several things has their names with
// [NoticeSeparator] between them.
//
// A reply that gives orders is answered by one letter: what holds now and how to undo it, and what
// we couldn't follow. There is at most one such letter a day, and at most one a day that asks
// whether to stop. Mail that isn't proven is never answered.
const (
	NoticeSeparator = "+"

	NoticeMove  = "address-change"  // to the old address
	NoticeMoved = "address-changed" // to the new one
	AskToMove   = "move"            // OneOff.Notice of a confirmation that asks a new address

	// Those that ask back, in the order in which they matter.
	NoticeStop    = "stop-ask"
	NoticeWhen    = "promise-when" // which day a promise is for
	NoticeUnclear = "order-unclear"

	// Those that strangers can cause.
	NoticeSignedUp = "already-signed-up"
	NoticeHeld     = "reply-quarantined"

	NoticeGoodbye = "goodbye"
	NoticeErased  = "erased" // the last letter of all
)
