package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"unicode/utf8"

	"example.org/mend/shared/mend"
)

const system = "SYS"

func personKey(id mend.ID, sk string) Key { return Key{"P#" + string(id), sk} }

// ofPerson asks for a person's items whose sort keys go on after a prefix.
func ofPerson(id mend.ID, prefix string) Query { return within(personKey(id, "").PK, prefix) }

// within asks for the sort keys that go on after a prefix. None of our keys has the last character
// of Unicode.
func within(partition, prefix string) Query {
	return Query{Partition: partition, After: prefix, To: prefix + string(utf8.MaxRune)}
}

func subscriptionKey(id mend.ID, n uint8) Key {
	return personKey(id, fmt.Sprintf("SUB#%02d", n))
}

func oneOffKey(id mend.ID, thing mend.ItemID) Key { return personKey(id, "ONCE#"+string(thing)) }

func promiseKey(id mend.ID, thing mend.ItemID) Key {
	return personKey(id, "PROMISE#"+string(thing))
}

func letterKey(id mend.ID, of mend.LetterKey) Key {
	return personKey(id, "LETTER#"+letterOf(of))
}

func letterOf(of mend.LetterKey) string {
	if of.Subscription == 0 {
		return of.Date.String() + "#" + string(of.OneOff)
	}
	return fmt.Sprintf("%s#%02d", of.Date, of.Subscription)
}

func replyKey(r mend.Reply) Key {
	return personKey(r.Person, "REPLY#"+letterOf(r.Of)+"#"+r.Hash)
}

// addressKey names an address without holding it. The HMAC key never rotates: a
// suppressed address must be known again after years.
func (s *records) addressKey(a mend.Address) Key {
	return Key{"A#" + s.hmac(a.Key()), "-"}
}

func (s *records) hmac(text string) string {
	mac := hmac.New(sha256.New, s.addressSecret)
	mac.Write([]byte(text))
	return base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil))
}

func memberOf(k Key) string { return k.PK + "|" + k.SK }
