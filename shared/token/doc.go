// Package token makes and reads short signed strings: the links in letters, and the address that a
// reply goes to. A token says who it is for, what it may do and until when, so a page or a mailbox
// needs no table of tokens.
//
// # Layout
//
// Bytes, big-endian, then base32 (RFC 4648 section 6) in lower case without padding,
// so that a token survives mail systems that change case:
//
//	 1  key id
//	10  person
//	 1  subscription, 0 for none
//	 2  epoch
//	 2  date, in days from 1 January 1970, 0 for none
//	 5  thing, or left out
//	 4  expiry, in seconds from 1 January 1970: only of purposes that live by the clock
//	12  HMAC-SHA256 of all the above, its first 96 bits (RFC 2104 section 5)
//
// Each purpose has a MAC key of its own, 32 bytes of HKDF-Expand with SHA-256 (RFC
// 5869 section 2.3; the secret is random already, so Extract is left out, section 3.3)
// over the secret and "mend token 2: " with the name of the purpose. The purpose
// itself is not in the token: a token for one purpose is a forgery for any other.
//
// # Differences from the standards
//
// RFC 4648 section 3.5 leaves it open whether stray bits after the last byte are
// refused. Here they are, so that but for case a token has one spelling.
//
// # What a token does not do
//
// It cannot be used up or called back: single use (sign-in), a new epoch, and stopped or
// erased people are for the caller to look up.
package token
