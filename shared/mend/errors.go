package mend

import "fmt"

// Error is an error that a person can be shown: a code for the machine and a sentence for them.
type Error struct {
	Code     Code
	Sentence string
}

func (e *Error) Error() string { return e.Sentence }

// Code is what kind of error a person met.
type Code string

// The codes, and the HTTP status that each becomes.
const (
	NotFound   Code = "not found"   // 404: no such page, or a link that is not ours
	Gone       Code = "gone"        // 410: a link that was good once
	NeedSignIn Code = "need-signin" // 303 to /signin
	TooMany    Code = "too many"    // 429: beyond the limits
	Busy       Code = "busy"        // 409: changed meanwhile; try again
	Invalid    Code = "invalid"     // 422 with a sentence; see Problems for fields
)

// The errors that several use cases return.
var (
	ErrUnknownLink      = &Error{NotFound, "We don’t know this link. Maybe part of it got lost on the way."}
	ErrExpiredLink      = &Error{Gone, "Your newest letter has a fresh one, or you can get a sign-in link."}
	ErrSignIn           = &Error{NeedSignIn, "Please sign in first. We’ll email you a link; there’s no password."}
	ErrConcurrentChange = &Error{Busy,
		"Something else changed your settings at the same moment. Nothing was lost. Please try again."}
)

// Problems are the fields of a form that cannot stand as they are: a sentence for each,
// by the field's name.
type Problems map[string]string

func (p Problems) Error() string { return fmt.Sprintf("%d fields need another look", len(p)) }
