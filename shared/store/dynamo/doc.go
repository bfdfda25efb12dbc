// Package dynamo is the adapter of [store.Table] for DynamoDB.
//
// Reads, single writes and transactions use the item operations with expressions,
// WriteEach is one BatchExecuteStatement of PartiQL: the only request of DynamoDB that does
// 25 conditional writes, each on its own. Nothing scans, and every Query and batch goes on where
// DynamoDB stopped. Limits are DynamoDB's to hold: the tables of tests refuse, by package
// dynamolimits, what it would refuse, and what it would do otherwise than it was meant.
//
// Expressions and values are written by hand: feature/dynamodb/expression and attributevalue are
// made for any Go type and find it out by reflection; an Item has four, and a claim
// is on the way of every letter.
//
// # Asking again
//
// The SDK's own retries are switched off, because they cannot tell a write that was surely not done
// from one whose answer was lost, and the contract can (see patience.go).
//
// # Where DynamoDB differs
//
// A sum that an Update adds up beyond an int64 is stored, and then cannot be read: the write
// returns an error although it happened. A string that is not UTF-8 is stored with U+FFFD in the
// place of the rest.
package dynamo
