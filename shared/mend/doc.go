// Package mend holds the nouns of Mend: people, what they subscribed to,
// what fell due, what they wrote and what they promised, and the small types
// that keep those apart (addresses, local dates, times of day).
//
// Nothing here does I/O, reads a clock or draws a random number. The package
// imports the standard library only, so that every other room may import it.
package mend
