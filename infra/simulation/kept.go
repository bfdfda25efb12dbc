package simulation

import (
	"strings"

	"example.org/mend/shared/capacity"
	"example.org/mend/shared/store"
	"example.org/mend/shared/store/apply"
)

// kept weighs what of the world stays for good, per letter, per reply and per person.
func (w *world) kept() capacity.Kept {
	var k capacity.Kept
	var letters, replies, people float64
	for _, it := range w.table.All() {
		if it[store.AttrTTL] != nil {
			continue
		}
		const added = 100 // bytes that DynamoDB adds to each item, in the table and in an index
		bytes := float64(size(it) + added)
		if e := apply.Projection(it); e != nil {
			bytes += float64(size(e) + added)
		}
		switch key := it.Key(); {
		case strings.HasPrefix(key.SK, "LETTER#"):
			letters++
			k.LetterBytes += bytes
		case strings.HasPrefix(key.SK, "REPLY#"):
			replies++
			k.ReplyBytes += bytes
		case key.SK == "PERSON":
			people++
			fallthrough
		case strings.HasPrefix(key.SK, "SUB#"), strings.HasPrefix(key.PK, "A#"):
			k.PersonBytes += bytes
		}
	}
	perMillion := func(bytes float64) float64 { return 1e6 * bytes / (1 << 30) * capacity.USDKeptGB }
	k.LetterBytes, k.ReplyBytes, k.PersonBytes = k.LetterBytes/letters, k.ReplyBytes/replies, k.PersonBytes/people
	k.USDMonthPerMillionLetters = perMillion(k.LetterBytes)
	k.USDMonthPerMillionReplies = perMillion(k.ReplyBytes)
	k.USDMonthPerMillionPeople = perMillion(k.PersonBytes)
	return k
}
