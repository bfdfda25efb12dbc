// Package store holds the records of Mend: the key of each noun in the one table, and every
// conditional write.
//
// The records and their conditions are written here once, over the narrow [Table]
// that DynamoDB, a file and the memory of a simulator all provide; so
// the rules of the send protocol cannot differ between them.
//
// # Layout
//
//	person        P#<id>          PERSON
//	subscription  P#<id>          SUB#<n>
//	one-off       P#<id>          ONCE#<thing>
//	letter        P#<id>          LETTER#<date>#<n or thing>
//	reply         P#<id>          REPLY#<date>#<n or thing>#<hash>
//	                              WORDS#<the same>#<piece>           of a reply with long words
//	deleted reply P#<id>          GONE#<the same>                    for 30 days, without a word
//	promise       P#<id>          PROMISE#<thing>
//	session       P#<id>          SESSION#<hash>    a used sign-in link: SIGNIN#<thing>
//	deletion      P#<id>          SESSION#<hash>#UNDO#<piece>        sealed, for ten minutes
//	address       A#<HMAC>        -
//	page          PAGE#<UTC day>  <quarter-hour>#<slot, or "once">#<date>#<hash of the members>
//	system        SYS             WATERMARK · BREAKER · ZONE#<zone> · SLOT#<zone>|<time>|<class>
//
// In the index stand active subscriptions (slot <zone>|<time>|<class>|<shard>), the pages that are
// open (open) and the marks of erasures that have begun (erasing).
//
// Instants are milliseconds since 1970, dates YYYY-MM-DD, "" for none; an
// attribute that a condition reads is always there.
//
// # Who writes what
//
// A subscription's settings move with its person's version, in one transaction
// ([Store.Commit]); its progress (last date, claim, seen cards) is written by the sender
// alone. The two sets of attributes are disjoint, so neither undoes the other, and the claim's
// condition reads the settings: a stop that has committed fails every later claim.
package store
