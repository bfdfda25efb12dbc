// Package inbox reads mail that people send back: a MIME message in, the
// author's own words out, with what kind of mail it is and what it asks for.
//
// [Read] takes a whole message, [ReadText] and [ReadHTML] a body that has
// already been taken out of one, and [Verbs] finds the commands among the words.
// All of them are pure: no clock, no network, no storage, and no panic whatever
// the input. Time and memory are bounded by [Limits] and linear in the input.
//
// # The first rule
//
// No word of the author is lost. A rule may remove a line only for a reason that
// it can name ([Rule]); where the reason is weak the line stays. So a quote needs
// a mark, an attribution line needs a date or an address beside its "wrote", a
// signature needs a delimiter, or a name with contact details below it, and if
// nothing at all would be left, the weaker rules stand back. Closing formulas and
// the name below them are the author's.
//
// The rules are general: what is known of a client or a language is data (languages.go and the
// containers in html.go). They see lines, each once or in a bounded window, so that reading is
// linear; there is no regular expression.
//
// # Standards
//
// The message format is RFC 5322, MIME is RFC 2045 to 2049 and 2231, flowed text
// RFC 3676, automatic mail RFC 3834, delivery reports RFC 3464, complaints RFC
// 5965 (ARF), read receipts RFC 8098, UTF-7 RFC 2152, TNEF [MS-OXTNEF]. We diverge
// where senders do: headers that cannot be parsed are dropped and flagged, a
// boundary that never appears is replaced by the one that does, a charset that does
// not fit its bytes by one that does, damaged base64 and quoted-printable are read
// as far as they go.
//
// Headers and multipart bodies go through github.com/emersion/go-message/textproto,
// which streams: a 40 MB attachment is counted and forgotten as it passes. Its
// transfer decoders stop at the first damaged byte, so ours stand in their place.
//
// HTML is tokenised by golang.org/x/net/html and turned into lines here rather than by a
// general converter, because a converter throws away the one thing that tells
// a quote from the words around it: the container that each mail client wraps it in.
package inbox
