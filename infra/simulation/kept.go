package simulation

import (
	"fmt"
	"strings"

	"example.org/mend/shared/store"
)

// Kept is what the table holds for good: bytes with their index and with the hundred that DynamoDB adds to an item, in the table as in its backups.
type Kept struct {
	LetterBytes float64 `json:"letter_bytes"`
	ReplyBytes  float64 `json:"reply_bytes"`
	PersonBytes float64 `json:"person_bytes"` // with one subscription and the address

	USDMonthPerMillionLetters float64 `json:"usd_month_per_million_letters"`
	USDMonthPerMillionReplies float64 `json:"usd_month_per_million_replies"`
	USDMonthPerMillionPeople  float64 `json:"usd_month_per_million_people"`
}

// Lines are the lines of what is kept.
func (k Kept) Lines() []string {
	line := func(what string, bytes, usd float64) string {
		return fmt.Sprintf("%-24s %11.2f GB  $%.2f a month", what, 1e6*bytes/(1<<30), usd)
	}
	return []string{
		line("letters' records", k.LetterBytes, k.USDMonthPerMillionLetters), line("replies", k.ReplyBytes, k.USDMonthPerMillionReplies),
		line("people", k.PersonBytes, k.USDMonthPerMillionPeople),
	}
}

// kept weighs what of the world stays for good, per letter, per reply and per person.
func (w *world) kept() Kept {
	var k Kept
	var letters, replies, people float64
	for _, it := range w.table.All() {
		if it[store.AttrTTL] != nil {
			continue
		}
		const added = 100 // bytes that DynamoDB adds to each item, in the table and in an index
		bytes := float64(size(it) + added)
		if e := entry(it); e != nil {
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
	perMillion := func(bytes float64) float64 { return 1e6 * bytes / (1 << 30) * usdKeptGB }
	k.LetterBytes, k.ReplyBytes, k.PersonBytes = k.LetterBytes/letters, k.ReplyBytes/replies, k.PersonBytes/people
	k.USDMonthPerMillionLetters, k.USDMonthPerMillionReplies, k.USDMonthPerMillionPeople = perMillion(k.LetterBytes), perMillion(k.ReplyBytes), perMillion(k.PersonBytes)
	return k
}
