package dynamo

import (
	"math"
	"strings"
	"unicode/utf8"

	"example.org/mend/shared/store"
	"example.org/mend/shared/store/limits"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// queryInput is the request of a query; ok is false if nothing can come of it.
//
// A page goes on by a bound of the sort key rather than by ExclusiveStartKey, which
// for the index would want the item's primary key too, and the contract has the sort key alone.
func (t *Table) queryInput(q store.Query) (in *dynamodb.QueryInput, ok bool) {
	in = &dynamodb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(!q.Slots), ScanIndexForward: aws.Bool(!q.Backward),
	}
	partition := store.AttrPK
	if q.Slots {
		partition, in.IndexName = store.AttrSlot, aws.String(Index)
	}
	if q.Limit > 0 {
		in.Limit = aws.Int32(int32(min(q.Limit, math.MaxInt32)))
	}
	var e expression
	condition := e.name(partition) + " = " + e.value(q.Partition)
	first, last, some := span(q)
	switch sort := e.name(sortKey(q)); {
	case !some:
		return nil, false
	case q.Prefix != "" && q.After == "":
		condition += " AND begins_with(" + sort + ", " + e.value(q.Prefix) + ")"
	case first != "" && last != "":
		condition += " AND " + sort + " BETWEEN " + e.value(first) + " AND " + e.value(last)
	case first != "":
		condition += " AND " + sort + " >= " + e.value(first)
	case last != "":
		condition += " AND " + sort + " <= " + e.value(last)
	default:
		delete(e.names, sort) // DynamoDB refuses a name that is not used
	}
	in.KeyConditionExpression = &condition
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = e.names, e.values
	return in, true
}

func sortKey(q store.Query) string {
	if q.Slots {
		return store.AttrMember
	}
	return store.AttrSK
}

// span is the run of sort keys that a query asks for, both ends included and empty for
// none; some is false if there is nothing between them.
func span(q store.Query) (first, last string, some bool) {
	first, last = q.From, q.To
	if q.Prefix != "" {
		first, last = q.Prefix, lastWith(q.Prefix)
	}
	switch {
	case q.After != "" && q.Backward:
		if end := before(q.After); last == "" || last > end {
			last = end
		}
		return first, last, last != "" && first <= last
	case q.After != "":
		first = max(first, after(q.After))
	}
	return first, last, len(first) <= limits.SortBytes && (last == "" || first <= last)
}

// Sort keys are UTF-8, not empty, of at most limits.SortBytes, and order as bytes. So each has
// a next one and one before.

// lastWith is the last sort key that begins with a prefix.
func lastWith(prefix string) string {
	var b strings.Builder
	b.WriteString(prefix)
	for _, most := range []string{string(utf8.MaxRune), "\uffff", "\u07ff", "\x7f"} {
		for b.Len()+len(most) <= limits.SortBytes {
			b.WriteString(most)
		}
	}
	return b.String()
}

// after is the sort key right after one. What comes after the last is longer than any.
func after(key string) string {
	if len(key) < limits.SortBytes {
		return key + "\x00"
	}
	for key != "" {
		r, size := utf8.DecodeLastRuneInString(key)
		key = key[:len(key)-size]
		if r++; r == surrogates {
			r = afterSurrogates
		}
		if r <= utf8.MaxRune && len(key)+utf8.RuneLen(r) <= limits.SortBytes {
			return key + string(r)
		}
	}
	return lastWith("") + "\x00"
}

// before is the sort key right before one, or empty.
func before(key string) string {
	r, size := utf8.DecodeLastRuneInString(key)
	key = key[:len(key)-size]
	if r == 0 {
		return key
	}
	if r--; r == afterSurrogates-1 {
		r = surrogates - 1
	}
	return lastWith(key + string(r))
}

// Code points that UTF-8 leaves out.
const (
	surrogates      = 0xd800
	afterSurrogates = 0xe000
)
