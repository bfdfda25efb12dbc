// Package bolttable keeps the table of one machine in one bbolt file (go.etcd.io/bbolt). Package
// shared/local keeps queues, blobs and a mailbox in buckets of the same file.
//
// # What is promised
//
// An acknowledged write is on the disk (fsync), whole, whatever happens to the process afterwards.
// A write that was not acknowledged is there whole or not at all. Writes that come while another is
// being committed share one transaction, and so one fsync.
//
// No deleted or replaced value stays in the file: a commit that deletes or replaces one overwrites
// the free pages of the file with zeros, where older copies stand. What ticks and sends write about
// letters (store.Bookkeeping) holds no words and is overwritten with the next such commit.
//
// A file that was cut short or overwritten is refused with [ErrDamaged]. [Rescue] saves
// what is whole.
//
// # Where it differs from DynamoDB
//
//   - Nothing is eventually consistent, throttled or slow.
//   - Expired items go when [DB.Purge] is called, and not before.
//   - It has none of DynamoDB's limits, except on the size of a query's page. Tests on package
//     memtable find what DynamoDB would refuse.
//
// # The file
//
// The bucket "mend" holds the number of the format. "items" holds each item under its
// partition key, a byte 0xFF and its sort key; "slots" holds what the index projects of an
// item, under slot and member in the same way. UTF-8 has no byte 0xFF, so keys order within a
// partition as their sort keys do. "expiries" lists items by the second in which they expire.
// A value is an item: see item.go.
package bolttable
