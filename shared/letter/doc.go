// Package letter composes mail: a [Head] (to whom, when, with which links) and a [Body] (a
// check-in, a promise, a month …) make one MIME message, the same bytes each time.
//
// # What a message is
//
// The format is RFC 5322 with MIME (RFC 2045 to 2047): multipart/alternative of a text part,
// format=flowed (RFC 3676), and an HTML part, both UTF-8 in quoted-printable with lines of at most
// 76 characters, which every hop carries unchanged, so that DKIM signatures hold. The boundary is
// constant: it contains "=_", which cannot occur in quoted-printable (RFC 2045 section 6.7). List
// headers follow RFC 2369, 2919 and 8058; Auto-Submitted is RFC 3834; X-Auto-Response-Suppress is
// Microsoft's and Feedback-ID Gmail's. A check-in has no References: each is a thread of its own.
//
// We diverge from the RFCs nowhere, but stay within parts of them: no encoded word but base64
// ("B"), no DelSp, addresses in ASCII only (package mend refuses others).
//
// # Words
//
// All words are in catalogues, content/letters/<language>.yaml, one for each language. The text
// part is not HTML with its tags taken off: every block is laid out twice, once as one would type
// it. content/lint checks that no message is missing, left over, or short of a parameter;
// subjects and preheaders are also checked to be discreet. They come in many variants, of which the
// day and the address choose, so that no two letters in a row look alike.
//
// What people typed (names, reminders, their own words) is shown as text: control and bidirectional
// control characters are dropped, HTML is escaped, and nothing of it gets into a subject or a
// preheader. A confirmation holds none of it.
//
// # Why not a library
//
// The sender makes a letter for each occurrence; beside the call to SES this is most of its work.
// General libraries (go-mail, go-message, enmime) build each message from nothing, 47 to 67 µs; and
// text/template walks its tree by reflection, which also stops the linker from dropping unused
// methods, of which the AWS SDK has many. Here everything that letters have in common is encoded
// once: pieces that begin at the left margin can be encoded apart and joined by copying
// ([encoded]). Tests read every kind of letter back with net/mail, mime/multipart and go-message.
package letter
