// Package embedded keeps everything of one machine in one file: the table with
// its index, and the named buckets in which the local queues, blobs and mailbox
// keep theirs. The file is a bbolt database (go.etcd.io/bbolt), of which nothing
// shows outside this package. [InMemory] is the same without the file.
//
// # What is promised
//
// A write that was acknowledged is on the disk (fsync), whole, whatever happens
// to the process afterwards; one that was not acknowledged is there whole or not at all.
// Writers that come at the same time share a transaction, and so the fsync.
//
// What was deleted stays in unused pages of the file until they are used again:
// an erasure is followed by [DB.Scrub].
//
// A file that was cut short or overwritten is refused with [ErrDamaged]; [Rescue] saves what is whole of it.
//
// # Where it differs from DynamoDB
//
//   - Nothing is eventually consistent, throttled or slow.
//   - Expired items go when somebody calls [DB.Purge], and not before.
//
// What DynamoDB refuses is refused here too: see package limits.
//
// # The file
//
// The bucket "mend" holds the number of the format. "table" holds an item under its
// key; "slots" what the index projects of it under slot, member and key; "ttl" is an
// index of expiries for Purge alone. Keys are strings joined so that their order as
// bytes is the order of the strings (key.go); items are in a small binary encoding
// of our own (item.go).
package embedded
